import { createBrowserRouter } from 'react-router';
import { loadZone } from './api/zone';
import { toFirstSteps } from './pages/wizard/landing';
import { Failed, NotFound } from './shell/failed';
import { Frame } from './shell/frame';
import { Loading } from './shell/loading';
import { SignedIn } from './shell/signed-in';

/** Pages by address. Each is loaded when it is first shown. */
export const router = createBrowserRouter([
	{
		element: <Frame />,
		errorElement: <Failed />,
		hydrateFallbackElement: <Loading />,
		children: [
			{
				path: '/setup',
				lazy: async () => ({ Component: (await import('./pages/setup')).Setup }),
			},
			{
				path: '/sign-in',
				lazy: async () => ({ Component: (await import('./pages/sign-in')).SignIn }),
			},
			{
				path: '/l/:token',
				lazy: async () => ({ Component: (await import('./pages/link')).Link }),
			},
			{
				element: <SignedIn />,
				children: [
					{
						path: '/',
						loader: toFirstSteps,
						lazy: async () => ({
							Component: (await import('./pages/overview/overview')).Overview,
						}),
					},
					{
						path: '/kpis',
						lazy: async () => ({ Component: (await import('./pages/kpis/kpis')).Kpis }),
					},
					{
						path: '/posts',
						lazy: async () => ({ Component: (await import('./pages/posts/posts')).Posts }),
					},
					{
						path: '/posts/new',
						loader: loadZone,
						lazy: async () => ({
							Component: (await import('./pages/compose/compose')).Compose,
						}),
					},
					{
						path: '/posts/import',
						loader: loadZone,
						lazy: async () => ({
							Component: (await import('./pages/imports/imports')).Imports,
						}),
					},
					{
						path: '/posts/:id/edit',
						loader: loadZone,
						lazy: async () => ({ Component: (await import('./pages/compose/edit')).Edit }),
					},
					{
						path: '/posts/:id',
						lazy: async () => ({ Component: (await import('./pages/posts/detail')).PostDetail }),
					},
					{
						path: '/calendar',
						lazy: async () => ({ Component: (await import('./pages/calendar/calendar')).Calendar }),
					},
					{
						path: '/accounts',
						lazy: async () => ({ Component: (await import('./pages/accounts')).Accounts }),
					},
					{
						path: '/accounts/connect',
						lazy: async () => ({ Component: (await import('./pages/connect')).Connect }),
					},
					{
						path: '/accounts/apps/:connector',
						lazy: async () => ({ Component: (await import('./pages/connector')).Connector }),
					},
					{
						path: '/accounts/connect/:flow',
						lazy: async () => ({ Component: (await import('./pages/choose')).Choose }),
					},
					{
						path: '/welcome',
						lazy: async () => ({ Component: (await import('./pages/wizard/wizard')).Wizard }),
					},
					{
						path: '/features',
						lazy: async () => ({
							Component: (await import('./pages/features/features')).Features,
						}),
					},
					{
						path: '/settings',
						lazy: async () => ({
							Component: (await import('./pages/settings/settings')).Settings,
						}),
					},
					{
						path: '/people',
						lazy: async () => ({ Component: (await import('./pages/people')).People }),
					},
				],
			},
			{ path: '*', element: <NotFound /> },
		],
	},
]);
