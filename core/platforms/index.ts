import type { Platform } from '../store/contract';
import { BLUESKY } from './bluesky';
import { INSTAGRAM } from './instagram';
import { LINKEDIN } from './linkedin';
import type { PlatformDefinition } from './platform';
import { X } from './x';

/** Every platform that posts can go to. */
export const PLATFORMS: Record<Platform, PlatformDefinition> = {
	x: X,
	linkedin: LINKEDIN,
	instagram: INSTAGRAM,
	bluesky: BLUESKY,
};

/** The platform of that name, or null for a name from outside that is none. */
export function platformOf(name: string): PlatformDefinition | null {
	return Object.hasOwn(PLATFORMS, name) ? PLATFORMS[name as Platform] : null;
}
