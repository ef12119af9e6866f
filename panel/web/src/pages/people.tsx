import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Navigate } from 'react-router';
import type { ChangeUserRequest, UserRow, UsersAnswer } from '../../../shared/api';
import { call } from '../api/client';
import { useMayChange, useSend } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { MenuItem, MenuLine } from '../ui/menu';
import { MoreMenu } from '../ui/more-menu';
import { ProblemNotice } from '../ui/notice';
import { QueryState } from '../ui/query-state';
import { Badge, Card, PageHead } from '../ui/surface';
import { Ago } from '../ui/time';
import { useToast } from '../ui/toast';
import { AddPerson, NewPassword } from './person-forms';

const words = strings.people;

/** Who may use the panel, where it keeps its people itself. */
export function People() {
	const mayChange = useMayChange();
	const [adding, setAdding] = useState(false);
	const people = useQuery({
		queryKey: ['people'],
		queryFn: () => call<UsersAnswer>('GET', '/api/users'),
		enabled: mayChange,
	});
	if (!mayChange) return <Navigate to="/" replace />;
	return (
		<>
			<PageHead
				title={words.title}
				lead={words.lead}
				action={
					<Button onClick={() => setAdding(true)}>
						<Plus aria-hidden />
						{words.add}
					</Button>
				}
			/>
			<QueryState query={people} />
			<ul className="grid gap-3">
				{people.data?.users.map((person) => (
					<Person key={person.id} person={person} />
				))}
			</ul>
			<AddPerson open={adding} onOpenChange={setAdding} />
		</>
	);
}

function Person({ person }: { person: UserRow }) {
	const say = useToast();
	const [asking, setAsking] = useState<'remove' | 'password' | null>(null);
	const path = `/api/users/${person.id}`;
	const change = useSend((body: ChangeUserRequest) => call<UserRow>('PATCH', path, body), {
		changes: ['people', 'session'],
		done: ({ name }) => say(words.changed(name)),
	});
	const remove = useSend(() => call<UserRow>('DELETE', path), {
		changes: ['people', 'session'],
		done: ({ name }) => say(words.removed(name)),
	});
	const other = person.role === 'admin' ? 'viewer' : 'admin';
	return (
		<li>
			<Card className="grid gap-3">
				<div className="flex flex-wrap items-center gap-3">
					<div className="min-w-0 flex-1">
						<p className="flex items-center gap-2 font-medium">
							<span className="truncate">{person.name}</span>
							{person.you && <Badge>{words.you}</Badge>}
						</p>
						<p className="text-sm text-muted-foreground">
							{words.lastSignIn}:{' '}
							{person.lastSignInAt ? <Ago iso={person.lastSignInAt} /> : strings.common.never}
						</p>
					</div>
					<Badge tone={person.role === 'admin' ? 'accent' : 'neutral'}>
						{strings.roles[person.role]}
					</Badge>
					<MoreMenu label={words.actions(person.name)} busy={change.isPending}>
						<MenuItem onSelect={() => change.mutate({ role: other })}>
							<ShieldCheck aria-hidden />
							{other === 'admin' ? words.makeAdmin : words.makeViewer}
						</MenuItem>
						{!person.you && (
							<MenuItem onSelect={() => setAsking('password')}>
								<KeyRound aria-hidden />
								{words.newPassword}
							</MenuItem>
						)}
						<MenuLine />
						<MenuItem danger onSelect={() => setAsking('remove')}>
							<Trash2 aria-hidden />
							{words.remove}
						</MenuItem>
					</MoreMenu>
				</div>
				{change.problem && <ProblemNotice problem={change.problem} />}
			</Card>
			<Confirm
				open={asking === 'remove'}
				onOpenChange={(open) => setAsking(open ? 'remove' : null)}
				title={words.removeTitle(person.name)}
				description={words.removeHelp}
				action={words.remove}
				onConfirm={() => remove.mutateAsync(undefined)}
			/>
			<NewPassword
				person={person}
				open={asking === 'password'}
				onOpenChange={(open) => setAsking(open ? 'password' : null)}
			/>
		</li>
	);
}
