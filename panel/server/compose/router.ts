import { Router } from 'express';
import type { Ports } from '../../../core/ports';
import { createContext } from './context';
import { editRoutes } from './edit';
import { mediaRoutes } from './media';
import { composeRoutes } from './posts';

/** Making and changing posts, their pictures, and bulk import. */
export function createComposeRouter(ports: Ports): Router {
	const context = createContext(ports);
	return Router().use(composeRoutes(context), mediaRoutes(context), editRoutes(context));
}
