import { createBrowserRouter, redirect } from 'react-router';
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
					{ path: '/', loader: () => redirect('/posts') },
					{
						path: '/posts',
						lazy: async () => ({ Component: (await import('./pages/posts')).Posts }),
					},
					{
						path: '/posts/new',
						lazy: async () => ({
							Component: (await import('./pages/compose/compose')).Compose,
						}),
					},
					{
						path: '/posts/:id/edit',
						lazy: async () => ({ Component: (await import('./pages/compose/edit')).Edit }),
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
						path: '/people',
						lazy: async () => ({ Component: (await import('./pages/people')).People }),
					},
				],
			},
			{ path: '*', element: <NotFound /> },
		],
	},
]);
