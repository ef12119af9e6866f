import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import type { SessionAnswer, SignInRequest } from '../../../shared/api';
import { call } from '../api/client';
import { sessionQuery, takeSession, useSend } from '../api/queries';
import { Door } from '../shell/door';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { LoadFailed, Notice, ProblemNotice } from '../ui/notice';

/** A path of this panel and nothing else: what stands in an address may come from anybody. */
function placeOf(text: string | null): string {
	return text !== null && /^\/(?![/\\])/.test(text) ? text : '/';
}

/** Name and password. Ends where the person wanted to go. */
export function SignIn() {
	const [search] = useSearchParams();
	const to = placeOf(search.get('to'));
	const client = useQueryClient();
	const navigate = useNavigate();
	const session = useQuery(sessionQuery);
	const [values, setValues] = useState<SignInRequest>({ name: '', password: '' });
	const [cookieLost, setCookieLost] = useState(false);
	const signIn = useSend(async (body: SignInRequest) => {
		const answer = await call<SessionAnswer>('POST', '/api/sign-in', body);
		// Whether the browser keeps the cookie shows only when it is to send it.
		const kept = await call<SessionAnswer>('GET', '/api/session');
		if (kept.user === null) {
			setCookieLost(true);
			return;
		}
		takeSession(client, answer);
		await navigate(to, { replace: true });
	});
	const { problem } = signIn;
	if (session.data?.signIn === 'setup') return <Navigate to="/setup" replace />;
	if (session.data?.user) return <Navigate to={to} replace />;
	const email = session.data?.signIn === 'supabase';
	return (
		<Door title={strings.signIn.title} lead={strings.signIn.lead}>
			{session.isError && <LoadFailed error={session.error} again={() => void session.refetch()} />}
			{!window.isSecureContext && (
				<Notice tone="warning" title={strings.signIn.insecure}>
					{strings.signIn.insecureRemedy}
				</Notice>
			)}
			{cookieLost && (
				<Notice tone="danger" title={strings.signIn.cookieLost} live>
					{strings.signIn.cookieLostRemedy}
				</Notice>
			)}
			{problem && <ProblemNotice problem={problem} />}
			<Form
				className="gap-5"
				onSubmit={() => {
					setCookieLost(false);
					signIn.mutate(values);
				}}
			>
				<Field
					label={email ? strings.signIn.email : strings.signIn.name}
					type={email ? 'email' : 'text'}
					name="username"
					autoComplete="username"
					autoCapitalize="none"
					autoFocus
					value={values.name}
					onChange={(event) => setValues({ ...values, name: event.target.value })}
				/>
				<Field
					label={strings.signIn.password}
					type="password"
					name="password"
					autoComplete="current-password"
					value={values.password}
					onChange={(event) => setValues({ ...values, password: event.target.value })}
				/>
				<Button type="submit" className="h-11" busy={signIn.isPending}>
					{signIn.isPending ? strings.signIn.busy : strings.signIn.submit}
				</Button>
			</Form>
		</Door>
	);
}
