import type { Kind } from '../plan';
import type { Chance } from '../random';
import { BlueskyModel } from './bluesky';
import { InstagramModel } from './instagram';
import { LinkedinModel } from './linkedin';
import type { PlatformModel, PlatformRules } from './platform';
import { XModel } from './x';

const MODELS: Record<Kind, new (chance: Chance, rules: PlatformRules) => PlatformModel> = {
	x: XModel,
	linkedin: LinkedinModel,
	'linkedin-page': LinkedinModel,
	instagram: InstagramModel,
	bluesky: BlueskyModel,
};

/** The model of the platform that accounts of a kind live on. */
export function platformModel(kind: Kind, chance: Chance, rules: PlatformRules): PlatformModel {
	return new MODELS[kind](chance, rules);
}
