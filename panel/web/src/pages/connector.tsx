import { useQuery } from '@tanstack/react-query';
import { Navigate, useParams, useSearchParams } from 'react-router';
import type { ConnectorView } from '../../../shared/api';
import { connectorsQuery, leaveForConsent } from '../api/connect';
import { useMayChange, useSend, useSession } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { ProblemNotice } from '../ui/notice';
import { QueryState } from '../ui/query-state';
import { Badge, Card, Empty, PageHead } from '../ui/surface';
import { AppPasswordForm } from './app-password-form';
import { BackToAccounts } from './connect';
import { DeveloperApp } from './developer-app';

const words = strings.connect;

/** One way to connect: its developer app with guide and check, then consent or app password. */
export function Connector() {
	const mayChange = useMayChange();
	const { connector: id } = useParams();
	const [search] = useSearchParams();
	const connectors = useQuery(connectorsQuery);
	if (!mayChange) return <Navigate to="/accounts" replace />;
	const mode = search.get('mode') ?? 'live';
	const connector = connectors.data?.find((one) => one.id === id && one.mode === mode);
	return (
		<>
			<BackToAccounts to="/accounts/connect" label={words.title} />
			<QueryState query={connectors} />
			{connectors.data && !connector && <Empty title={words.unknown} />}
			{connector && <Way connector={connector} accountId={search.get('account')} />}
		</>
	);
}

function Way({ connector, accountId }: { connector: ConnectorView; accountId: string | null }) {
	return (
		<>
			<PageHead
				title={words.page(connector.label)}
				lead={accountId ? words.againHelp : undefined}
				action={
					connector.mode === 'sandbox' ? (
						<Badge tone="accent">{strings.modes.sandbox}</Badge>
					) : undefined
				}
			/>
			<div className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-6">
				{connector.app && (
					<DeveloperApp key={connector.app.clientId} connector={connector} app={connector.app} />
				)}
				{connector.kind === 'oauth' ? (
					<Consent connector={connector} accountId={accountId} />
				) : (
					<PasswordCard connector={connector} accountId={accountId} />
				)}
			</div>
		</>
	);
}

function Consent({ connector, accountId }: { connector: ConnectorView; accountId: string | null }) {
	const session = useSession();
	const start = useSend(() =>
		leaveForConsent({
			connector: connector.id,
			mode: connector.mode,
			owner: session.user?.owner ?? 'default',
			...(accountId ? { accountId } : {}),
		}),
	);
	return (
		<Card className="grid gap-4">
			<div>
				<h2 className="text-base font-semibold">{words.signInTitle}</h2>
				<p className="text-sm text-muted-foreground">{words.signInHelp}</p>
			</div>
			{connector.unavailable && <ProblemNotice problem={connector.unavailable} tone="info" />}
			{start.problem && <ProblemNotice problem={start.problem} />}
			<div>
				<Button
					busy={start.isPending}
					disabled={connector.unavailable !== null}
					onClick={() => start.mutate(undefined)}
				>
					{start.isPending ? words.going : words.go(connector.label)}
				</Button>
			</div>
		</Card>
	);
}

function PasswordCard({
	connector,
	accountId,
}: {
	connector: ConnectorView;
	accountId: string | null;
}) {
	const session = useSession();
	return (
		<Card className="grid gap-4">
			{connector.unavailable ? (
				<ProblemNotice problem={connector.unavailable} tone="info" />
			) : (
				<AppPasswordForm
					path="/api/connect/app-password"
					extra={{
						connector: connector.id,
						mode: connector.mode,
						owner: session.user?.owner ?? 'default',
						...(accountId ? { accountId } : {}),
					}}
				/>
			)}
		</Card>
	);
}
