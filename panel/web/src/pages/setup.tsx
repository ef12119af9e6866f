import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, Navigate, useNavigate } from 'react-router';
import type { SessionAnswer, SetupRequest } from '../../../shared/api';
import { call } from '../api/client';
import { sessionQuery, takeSession, useSend } from '../api/queries';
import { Door } from '../shell/door';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { Notice, ProblemNotice } from '../ui/notice';

const tokenInAddress = () => new URLSearchParams(location.hash.slice(1)).get('token');

/** Takes the one-time token out of the address, so that it stays in no history. */
function useToken(): string | null {
	const [token, setToken] = useState(tokenInAddress);
	useEffect(() => {
		// A link that is pasted over this page's own address changes nothing but the part behind #.
		const take = () => {
			const given = tokenInAddress();
			if (given === null) return;
			setToken(given);
			history.replaceState(history.state, '', location.pathname);
		};
		take();
		window.addEventListener('hashchange', take);
		return () => window.removeEventListener('hashchange', take);
	}, []);
	return token;
}

/** The first start: whoever has the printed link becomes admin. */
export function Setup() {
	const token = useToken();
	const session = useQuery(sessionQuery);
	if (session.data?.user) return <Navigate to="/" replace />;
	if (session.data && session.data.signIn !== 'setup') {
		return (
			<Door title={strings.setup.over}>
				<Button asChild className="h-11">
					<Link to="/sign-in">{strings.setup.toSignIn}</Link>
				</Button>
			</Door>
		);
	}
	if (token === null) {
		return (
			<Door title={strings.setup.title} lead={strings.setup.lead}>
				<Notice tone="info" title={strings.setup.noToken}>
					<p>{strings.setup.noTokenRemedy}</p>
					<code className="mt-2 block break-all font-mono text-xs">
						{location.origin}/setup#token=…
					</code>
				</Notice>
			</Door>
		);
	}
	return <SetupForm key={token} token={token} />;
}

function SetupForm({ token }: { token: string }) {
	const client = useQueryClient();
	const navigate = useNavigate();
	const [values, setValues] = useState({ name: '', password: '', repeat: '' });
	const [mismatch, setMismatch] = useState(false);
	const setUp = useSend(async (body: SetupRequest) => {
		const answer = await call<SessionAnswer>('POST', '/api/setup', body);
		// Without the cookie the sign-in page explains what is wrong with this address.
		const kept = await call<SessionAnswer>('GET', '/api/session');
		takeSession(client, kept.user === null ? kept : answer);
		await navigate('/', { replace: true });
	});
	const { problem, errorOf } = setUp;
	return (
		<Door title={strings.setup.title} lead={strings.setup.lead}>
			{problem && !['name', 'password'].includes(problem.field ?? '') && (
				<ProblemNotice problem={problem} />
			)}
			<Form
				className="gap-5"
				onSubmit={() => {
					setMismatch(values.password !== values.repeat);
					if (values.password !== values.repeat) return;
					setUp.mutate({ token, name: values.name, password: values.password });
				}}
			>
				<Field
					label={strings.setup.name}
					help={strings.setup.nameHelp}
					name="username"
					autoComplete="username"
					autoCapitalize="none"
					autoFocus
					value={values.name}
					error={errorOf('name')}
					onChange={(event) => setValues({ ...values, name: event.target.value })}
				/>
				<Field
					label={strings.setup.password}
					help={strings.setup.passwordHelp}
					type="password"
					name="password"
					autoComplete="new-password"
					value={values.password}
					error={errorOf('password')}
					onChange={(event) => setValues({ ...values, password: event.target.value })}
				/>
				<Field
					label={strings.setup.repeat}
					type="password"
					name="repeat"
					autoComplete="new-password"
					value={values.repeat}
					error={mismatch ? strings.setup.mismatch : null}
					onChange={(event) => setValues({ ...values, repeat: event.target.value })}
				/>
				<Button type="submit" className="h-11" busy={setUp.isPending}>
					{setUp.isPending ? strings.setup.busy : strings.setup.submit}
				</Button>
			</Form>
		</Door>
	);
}
