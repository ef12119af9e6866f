import { Router } from 'express';
import type { Ports } from '../../../core/ports';
import { createContext } from './context';
import { editRoutes } from './edit';
import { type FetchPicture, pictureFetcher } from './fetch-picture';
import { importRoutes } from './import';
import { mediaRoutes } from './media';
import { composeRoutes } from './posts';

/** Making and changing posts, their pictures, and bulk import. */
export function createComposeRouter(ports: Ports, fetchPicture?: FetchPicture): Router {
	const context = createContext(ports);
	return Router().use(
		composeRoutes(context),
		mediaRoutes(context),
		editRoutes(context),
		importRoutes(context, fetchPicture ?? pictureFetcher()),
	);
}
