import { useQuery } from '@tanstack/react-query';
import { KeyRound, Link2, ShieldCheck, Unplug } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import type { PostError } from '../../../../core/store/contract';
import type { AccountActionAnswer, AccountRow, ApiProblem } from '../../../shared/api';
import { connectorPath, connectorsQuery, isReady, leaveForConsent } from '../api/connect';
import { call, problemOf } from '../api/client';
import { useMayChange, useSend } from '../api/queries';
import { strings } from '../strings';
import { accountStrings } from '../strings/accounts';
import { Button } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { MenuItem, MenuLine } from '../ui/menu';
import { MoreMenu } from '../ui/more-menu';
import { Notice, ProblemNotice } from '../ui/notice';
import { OutsideLink } from '../ui/outside-link';
import { PlatformMark, platformName } from '../ui/platform-mark';
import { Badge, Card, type Tone } from '../ui/surface';
import { Ago } from '../ui/time';
import { useToast } from '../ui/toast';
import { AtRisk } from './at-risk';

const words = strings.accounts;
const coming = accountStrings;

const TONES: Record<AccountRow['status'], Tone> = {
	connected: 'success',
	reconnect: 'danger',
	disconnected: 'neutral',
};

/** Two weeks are time enough for whoever has to sign in at the platform. */
const NOTICE_MS = 14 * 86_400_000;

/** The access ends within two weeks, and nobody but a person can renew it. */
function endsSoon({ renewed, status, tokenExpiresAt }: AccountRow): boolean {
	return (
		status === 'connected' &&
		renewed === false &&
		tokenExpiresAt !== null &&
		Date.parse(tokenExpiresAt) < Date.now() + NOTICE_MS
	);
}

/** Connecting it again is what helps. */
export function needsYou(account: AccountRow): boolean {
	return account.status !== 'connected' || account.missingScopes.length > 0 || endsSoon(account);
}

type Action = 'validate' | 'refresh' | 'disconnect';

/** Goes to consent at once where everything is ready, else to the page that says what is missing. */
function useReconnect(account: AccountRow) {
	const navigate = useNavigate();
	const connectors = useQuery({ ...connectorsQuery, enabled: useMayChange() });
	return useSend(async () => {
		const known = connectors.data ?? (await connectors.refetch({ throwOnError: true })).data ?? [];
		const ways = known.filter(
			({ platform, mode }) => platform === account.platform && mode === account.mode,
		);
		const [way] = ways;
		if (ways.length !== 1) {
			const { id, platform, mode } = account;
			await navigate(`/accounts/connect?${new URLSearchParams({ account: id, platform, mode })}`);
		} else if (isReady(way)) {
			await leaveForConsent({
				connector: way.id,
				mode: way.mode,
				owner: account.owner,
				accountId: account.id,
			});
		} else {
			await navigate(connectorPath(way.id, way.mode, account.id));
		}
	});
}

/** One account: who, whether it works, until when, what is wrong, and what can be done. */
export function AccountCard({ account }: { account: AccountRow }) {
	const say = useToast();
	const mayChange = useMayChange();
	const [asking, setAsking] = useState(false);
	const [found, setFound] = useState<PostError[]>([]);
	const name = `@${account.handle}`;
	const reconnect = useReconnect(account);
	const act = useSend(
		(action: Action) =>
			call<AccountActionAnswer>(
				'POST',
				`/api/accounts/${encodeURIComponent(account.id)}/${action}`,
			),
		{
			changes: ['accounts'],
			done: (answer, action) => {
				setFound(answer.warnings);
				if (answer.warnings.length > 0) return;
				if (action === 'validate') say(words.validated(name));
				if (action === 'refresh') say(words.refreshed(name));
				if (action === 'disconnect') say(words.disconnected(name));
			},
		},
	);
	const failed = act.variables === 'disconnect' ? null : (act.error ?? reconnect.error);
	const problem: ApiProblem | null = failed ? problemOf(failed) : null;
	const running = act.isPending ? act.variables : null;
	return (
		<li>
			<Card className="grid gap-4">
				<div className="flex flex-wrap items-center gap-3">
					<PlatformMark platform={account.platform} />
					<div className="min-w-0 flex-1 max-sm:basis-[calc(100%-3.25rem)]">
						<p className="truncate font-medium">{account.displayName || name}</p>
						<p className="truncate text-sm text-muted-foreground">
							{platformName(account.platform)} · {name}
						</p>
					</div>
					<div className="flex flex-wrap items-center gap-1.5">
						{account.mode === 'sandbox' && <Badge tone="accent">{strings.modes.sandbox}</Badge>}
						<Badge tone={TONES[account.status]}>{words.status[account.status]}</Badge>
					</div>
				</div>
				<Facts account={account} />
				<Warnings account={account} />
				{found.length > 0 && (
					<Notice tone="warning" title={words.withWarnings(name)} live>
						<Lines lines={found} />
					</Notice>
				)}
				{problem && <ProblemNotice problem={problem} />}
				<div className="flex flex-wrap items-center gap-2">
					{mayChange && needsYou(account) && (
						<Button
							size="small"
							busy={reconnect.isPending}
							onClick={() => reconnect.mutate(undefined)}
						>
							<Link2 aria-hidden />
							{words.reconnect}
						</Button>
					)}
					{mayChange && account.status !== 'disconnected' && (
						<Button
							look="outline"
							size="small"
							busy={running === 'validate'}
							onClick={() => act.mutate('validate')}
						>
							<ShieldCheck aria-hidden />
							{words.validate}
						</Button>
					)}
					{mayChange && account.status !== 'disconnected' && (
						<MoreMenu label={words.actions(name)} busy={running === 'refresh'}>
							<MenuItem onSelect={() => act.mutate('refresh')}>
								<KeyRound aria-hidden />
								{words.refresh}
							</MenuItem>
							{!needsYou(account) && (
								<MenuItem onSelect={() => reconnect.mutate(undefined)}>
									<Link2 aria-hidden />
									{words.reconnect}
								</MenuItem>
							)}
							<MenuLine />
							<MenuItem danger onSelect={() => setAsking(true)}>
								<Unplug aria-hidden />
								{words.disconnect}
							</MenuItem>
						</MoreMenu>
					)}
					{account.profileUrl && /^https?:/.test(account.profileUrl) && (
						<OutsideLink href={account.profileUrl} className="text-sm sm:ml-auto">
							{account.mode === 'sandbox' ? strings.posts.timeline : words.page}
						</OutsideLink>
					)}
				</div>
			</Card>
			<Confirm
				open={asking}
				onOpenChange={setAsking}
				title={words.disconnectTitle(name)}
				description={words.disconnectHelp}
				action={words.disconnect}
				onConfirm={() => act.mutateAsync('disconnect')}
			/>
		</li>
	);
}

function Facts({ account }: { account: AccountRow }) {
	const fact = (label: string, value: ReactNode) => (
		<div className="grid gap-0.5">
			<dt className="text-xs text-muted-foreground">{label}</dt>
			<dd className="text-sm">{value}</dd>
		</div>
	);
	const ago = (iso: string | null, otherwise: string) => (iso ? <Ago iso={iso} /> : otherwise);
	return (
		<dl className="grid grid-cols-3 gap-x-4 gap-y-3">
			{fact(
				words.expires,
				account.renewed === true ? coming.renewed : ago(account.tokenExpiresAt, words.noExpiry),
			)}
			{fact(words.lastSuccess, ago(account.lastSuccessAt, strings.common.never))}
			{fact(words.lastValidated, ago(account.lastValidatedAt, strings.common.never))}
		</dl>
	);
}

function Lines({ lines }: { lines: { message: string; remedy: string }[] }) {
	return (
		<ul className="grid gap-1.5">
			{lines.map(({ message, remedy }, line) => (
				<li key={line}>
					{message} {remedy}
				</li>
			))}
		</ul>
	);
}

function Warnings({ account }: { account: AccountRow }) {
	const ended = account.tokenExpiresAt !== null && Date.parse(account.tokenExpiresAt) <= Date.now();
	return (
		<>
			{account.status !== 'connected' && account.statusReason && (
				<p className="text-sm text-danger">{account.statusReason}</p>
			)}
			{endsSoon(account) && (
				<Notice tone="warning" title={ended ? coming.ended : coming.ends}>
					{ended ? coming.endedRemedy : coming.endsRemedy}
				</Notice>
			)}
			{account.missingScopes.length > 0 && (
				<Notice tone="warning" title={words.missing}>
					<span className="flex flex-wrap gap-1.5">
						{account.missingScopes.map((scope) => (
							<code key={scope} className="rounded bg-card px-1.5 py-0.5 font-mono text-xs">
								{scope}
							</code>
						))}
					</span>
					<span className="mt-1.5 block">{words.missingRemedy}</span>
				</Notice>
			)}
			{account.warnings.length > 0 && <AtRisk warnings={account.warnings} />}
		</>
	);
}
