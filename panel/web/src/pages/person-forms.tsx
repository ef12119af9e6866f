import { useState } from 'react';
import type { AddUserRequest, UserRow } from '../../../shared/api';
import { call } from '../api/client';
import { useSend } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { Dialog, type DialogState } from '../ui/dialog';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { ProblemNotice } from '../ui/notice';
import { RadioCard } from '../ui/radio-card';
import { useToast } from '../ui/toast';

const words = strings.people;

/** A new person with a role and a first password. */
export function AddPerson({ open, onOpenChange }: DialogState) {
	return (
		<Dialog open={open} onOpenChange={onOpenChange} title={words.addTitle}>
			<AddForm done={() => onOpenChange(false)} />
		</Dialog>
	);
}

function AddForm({ done }: { done: () => void }) {
	const say = useToast();
	const [values, setValues] = useState<AddUserRequest>({ name: '', password: '', role: 'viewer' });
	const add = useSend((body: AddUserRequest) => call<UserRow>('POST', '/api/users', body), {
		changes: ['people'],
		done: ({ name }) => {
			say(words.added(name));
			done();
		},
	});
	const { problem, errorOf } = add;
	return (
		<Form onSubmit={() => add.mutate(values)}>
			{problem && !(problem.field && problem.field in values) && (
				<ProblemNotice problem={problem} />
			)}
			<Field
				label={words.name}
				autoComplete="off"
				autoCapitalize="none"
				value={values.name}
				error={errorOf('name')}
				onChange={(event) => setValues({ ...values, name: event.target.value })}
			/>
			<fieldset className="grid gap-1.5">
				<legend className="mb-1.5 text-sm font-medium">{words.role}</legend>
				{(['viewer', 'admin'] as const).map((role) => (
					<RadioCard
						key={role}
						group="role"
						chosen={values.role === role}
						choose={() => setValues({ ...values, role })}
						label={strings.roles[role]}
						help={words.roleHelp[role]}
					/>
				))}
			</fieldset>
			<Field
				label={words.password}
				help={words.passwordHelp}
				type="password"
				autoComplete="new-password"
				value={values.password}
				error={errorOf('password')}
				onChange={(event) => setValues({ ...values, password: event.target.value })}
			/>
			<div className="flex justify-end">
				<Button type="submit" busy={add.isPending}>
					{words.add}
				</Button>
			</div>
		</Form>
	);
}

/** A new password for somebody who lost theirs. */
export function NewPassword({ person, open, onOpenChange }: DialogState & { person: UserRow }) {
	return (
		<Dialog
			open={open}
			onOpenChange={onOpenChange}
			title={words.newPasswordTitle(person.name)}
			description={words.newPasswordHelp}
		>
			<NewPasswordForm person={person} done={() => onOpenChange(false)} />
		</Dialog>
	);
}

function NewPasswordForm({ person, done }: { person: UserRow; done: () => void }) {
	const say = useToast();
	const [password, setPassword] = useState('');
	const change = useSend(
		(body: { password: string }) => call<UserRow>('PATCH', `/api/users/${person.id}`, body),
		{
			changes: ['people'],
			done: ({ name }) => {
				say(words.changed(name));
				done();
			},
		},
	);
	const { problem, errorOf } = change;
	return (
		<Form onSubmit={() => change.mutate({ password })}>
			{problem && problem.field !== 'password' && <ProblemNotice problem={problem} />}
			<Field
				label={strings.password.new}
				help={words.passwordHelp}
				type="password"
				autoComplete="new-password"
				value={password}
				error={errorOf('password')}
				onChange={(event) => setPassword(event.target.value)}
			/>
			<div className="flex justify-end">
				<Button type="submit" busy={change.isPending}>
					{strings.common.save}
				</Button>
			</div>
		</Form>
	);
}
