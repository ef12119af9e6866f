import { useState } from 'react';
import type { ChangePasswordRequest, UserRow } from '../../../shared/api';
import { call } from '../api/client';
import { useSend } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { Dialog, type DialogState } from '../ui/dialog';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { ProblemNotice } from '../ui/notice';
import { useToast } from '../ui/toast';

/** One's own password: the current one and a new one. */
export function PasswordDialog({ open, onOpenChange }: DialogState) {
	return (
		<Dialog open={open} onOpenChange={onOpenChange} title={strings.password.title}>
			<PasswordForm done={() => onOpenChange(false)} />
		</Dialog>
	);
}

function PasswordForm({ done }: { done: () => void }) {
	const say = useToast();
	const [values, setValues] = useState({ current: '', password: '' });
	const change = useSend(
		(body: ChangePasswordRequest) => call<UserRow>('POST', '/api/password', body),
		{
			done: () => {
				say(strings.password.done);
				done();
			},
		},
	);
	const { problem, errorOf } = change;
	return (
		<Form onSubmit={() => change.mutate(values)}>
			{problem && !problem.field && <ProblemNotice problem={problem} />}
			<Field
				label={strings.password.current}
				type="password"
				autoComplete="current-password"
				value={values.current}
				error={errorOf('current')}
				onChange={(event) => setValues({ ...values, current: event.target.value })}
			/>
			<Field
				label={strings.password.new}
				help={strings.password.newHelp}
				type="password"
				autoComplete="new-password"
				value={values.password}
				error={errorOf('password')}
				onChange={(event) => setValues({ ...values, password: event.target.value })}
			/>
			<div className="flex justify-end">
				<Button type="submit" busy={change.isPending}>
					{strings.common.save}
				</Button>
			</div>
		</Form>
	);
}
