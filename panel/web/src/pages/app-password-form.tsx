import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { LinkConnectedAnswer } from '../../../shared/api';
import { call } from '../api/client';
import { useSend } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { ProblemNotice } from '../ui/notice';
import { useToast } from '../ui/toast';

const words = strings.connect;

/** Handle, app password and server of an account. `done` replaces the way back to the accounts. */
export function AppPasswordForm({
	path,
	extra,
	done,
}: {
	path: string;
	extra: Record<string, string>;
	done?: (answer: LinkConnectedAnswer) => void;
}) {
	const say = useToast();
	const navigate = useNavigate();
	const [values, setValues] = useState({ identifier: '', password: '', server: '' });
	const connect = useSend(
		() =>
			call<LinkConnectedAnswer>('POST', path, {
				...extra,
				identifier: values.identifier.trim(),
				password: values.password.trim(),
				...(values.server.trim() === '' ? {} : { server: values.server.trim() }),
			}),
		{
			changes: ['accounts'],
			done: (answer) => {
				if (done) {
					done(answer);
					return;
				}
				const names = answer.accounts.map(({ handle }) => `@${handle}`).join(', ');
				say(strings.accounts.connectedNow(names));
				void navigate('/accounts');
			},
		},
	);
	const { problem, errorOf } = connect;
	return (
		<Form onSubmit={() => connect.mutate(undefined)}>
			{problem && !(problem.field && problem.field in values) && (
				<ProblemNotice problem={problem} />
			)}
			<Field
				label={words.identifier}
				help={words.identifierHelp}
				autoCapitalize="none"
				autoComplete="off"
				value={values.identifier}
				error={errorOf('identifier')}
				onChange={(event) => setValues({ ...values, identifier: event.target.value })}
			/>
			<Field
				label={words.appPassword}
				help={words.appPasswordHelp}
				type="password"
				autoComplete="off"
				data-1p-ignore
				value={values.password}
				error={errorOf('password')}
				onChange={(event) => setValues({ ...values, password: event.target.value })}
			/>
			<Field
				label={words.server}
				help={words.serverHelp}
				optional
				type="url"
				inputMode="url"
				autoComplete="off"
				value={values.server}
				error={errorOf('server')}
				onChange={(event) => setValues({ ...values, server: event.target.value })}
			/>
			<div>
				<Button type="submit" busy={connect.isPending}>
					{connect.isPending ? words.busy : words.submit}
				</Button>
			</div>
		</Form>
	);
}
