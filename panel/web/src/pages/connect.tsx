import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Settings2 } from 'lucide-react';
import { Link, Navigate, useSearchParams } from 'react-router';
import type { Mode } from '../../../../core/store/contract';
import type { ConnectorView } from '../../../shared/api';
import { connectorPath, connectorsQuery, isReady, leaveForConsent } from '../api/connect';
import { useMayChange, useSend, useSession } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { ProblemNotice } from '../ui/notice';
import { PlatformMark } from '../ui/platform-mark';
import { QueryState } from '../ui/query-state';
import { Badge, Card, Empty, PageHead } from '../ui/surface';

const words = strings.connect;
const MODES: Mode[] = ['live', 'sandbox'];

export function BackToAccounts({ to = '/accounts', label = strings.accounts.title }) {
	return (
		<Link
			to={to}
			className="mb-4 inline-flex items-center gap-1.5 rounded text-sm text-muted-foreground hover:text-foreground"
		>
			<ArrowLeft className="size-4" aria-hidden />
			{label}
		</Link>
	);
}

/**
 * Every way to connect an account; for one that is there already, the ways of its platform and mode.
 * A new platform appears here by itself.
 */
export function Connect() {
	const mayChange = useMayChange();
	const [search] = useSearchParams();
	const accountId = search.get('account');
	const only = { platform: search.get('platform'), mode: search.get('mode') };
	const connectors = useQuery(connectorsQuery);
	if (!mayChange) return <Navigate to="/accounts" replace />;
	return (
		<>
			<BackToAccounts />
			<PageHead
				title={accountId ? words.which : words.title}
				lead={accountId ? words.againHelp : words.lead}
			/>
			<QueryState query={connectors} />
			{connectors.data?.length === 0 && <Empty title={words.none} />}
			<div className="grid gap-8">
				{MODES.map((mode) => {
					const ways =
						connectors.data?.filter(
							(connector) =>
								connector.mode === mode &&
								connector.mode === (only.mode ?? connector.mode) &&
								connector.platform === (only.platform ?? connector.platform),
						) ?? [];
					if (ways.length === 0) return null;
					return (
						<section key={mode} aria-labelledby={`connect-${mode}`}>
							<h2 id={`connect-${mode}`} className="text-base font-semibold">
								{words[mode]}
							</h2>
							<p className="mb-3 text-sm text-muted-foreground">
								{mode === 'live' ? words.liveHelp : words.sandboxHelp}
							</p>
							<ul className="grid gap-3 lg:grid-cols-2">
								{ways.map((connector) => (
									<ConnectorCard key={connector.id} connector={connector} accountId={accountId} />
								))}
							</ul>
						</section>
					);
				})}
			</div>
		</>
	);
}

function ConnectorCard({
	connector,
	accountId,
}: {
	connector: ConnectorView;
	accountId: string | null;
}) {
	const session = useSession();
	const ready = isReady(connector);
	const page = connectorPath(connector.id, connector.mode, accountId);
	const start = useSend(() =>
		leaveForConsent({
			connector: connector.id,
			mode: connector.mode,
			owner: session.user?.owner ?? 'default',
			...(accountId ? { accountId } : {}),
		}),
	);
	return (
		<li>
			<Card className="grid h-full content-start gap-3">
				<div className="flex items-center gap-3">
					<PlatformMark platform={connector.platform} />
					<div className="min-w-0 flex-1">
						<h3 className="truncate font-medium">{connector.label}</h3>
						<p className="text-sm text-muted-foreground">{stateOf(connector)}</p>
					</div>
					{connector.mode === 'sandbox' && <Badge tone="accent">{strings.modes.sandbox}</Badge>}
				</div>
				{start.problem && <ProblemNotice problem={start.problem} />}
				<div className="flex flex-wrap gap-2">
					{ready ? (
						<>
							<Button
								size="small"
								busy={start.isPending}
								aria-label={`${words.start} ${connector.label}`}
								onClick={() => start.mutate(undefined)}
							>
								{words.start}
							</Button>
							{connector.app && (
								<Button look="quiet" size="small" asChild>
									<Link to={page} aria-label={`${words.editApp}: ${connector.label}`}>
										<Settings2 aria-hidden />
										{words.editApp}
									</Link>
								</Button>
							)}
						</>
					) : (
						<Button size="small" look={connector.kind === 'oauth' ? 'outline' : 'primary'} asChild>
							<Link
								to={page}
								aria-label={`${connector.kind === 'oauth' ? words.setUp : words.start} ${connector.label}`}
							>
								{connector.kind === 'oauth' ? words.setUp : words.start}
							</Link>
						</Button>
					)}
				</div>
			</Card>
		</li>
	);
}

function stateOf(connector: ConnectorView): string {
	if (connector.kind === 'app_password') return words.byPassword;
	if (connector.unavailable) {
		return connector.app?.clientId === null ? words.appMissing : connector.unavailable.message;
	}
	return connector.app?.clientId ? words.appReady : words.signInTitle;
}
