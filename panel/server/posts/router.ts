import { Router } from 'express';
import type { Ports, StorePort } from '../../../core/ports';
import { actionRoutes } from './actions';
import { createContext } from './context';
import { viewRoutes } from './views';

export interface PostsOptions {
	store: StorePort;
	ports: Ports;
	/** Opens the tokens of the accounts, where an entry has to be asked for at its platform. */
	vaultKey?: string;
}

/** Routes of posts that are there: looking at them and deciding about them. Mounted as the others. */
export function createPostsRouter(options: PostsOptions): Router {
	const context = createContext({ ...options.ports, store: options.store }, options.vaultKey);
	const router = Router();
	router.use(viewRoutes(context));
	router.use(actionRoutes(context));
	return router;
}
