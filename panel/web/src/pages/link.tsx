import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import type { ConnectLinkView, StartConnectAnswer } from '../../../shared/api';
import { call, problemOf } from '../api/client';
import { useSend } from '../api/queries';
import { Door } from '../shell/door';
import { Loading } from '../shell/loading';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { ProblemNotice } from '../ui/notice';
import { platformName } from '../ui/platform-mark';
import { Time } from '../ui/time';
import { AppPasswordForm } from './app-password-form';

const words = strings.link;

/** The page of a client who got a link: connects one account, without a sign-in here. */
export function Link() {
	const { token = '' } = useParams();
	const path = `/api/connect-links/${encodeURIComponent(token)}`;
	const [done, setDone] = useState(false);
	const link = useQuery({
		queryKey: ['link', token],
		queryFn: () => call<ConnectLinkView>('GET', path),
		refetchOnWindowFocus: false,
		staleTime: Infinity,
	});
	const start = useSend(async () => {
		const { redirectTo } = await call<StartConnectAnswer>('POST', `${path}/start`, {});
		location.assign(redirectTo);
		return await new Promise<never>(() => undefined);
	});
	if (link.isPending) return <Loading />;
	if (link.isError) {
		return (
			<Door title={words.refused}>
				<ProblemNotice problem={problemOf(link.error)} />
			</Door>
		);
	}
	if (done) return <LinkDone />;
	const { connector, expiresAt } = link.data;
	return (
		<Door title={words.title(platformName(connector.platform))} lead={words.lead}>
			{connector.kind === 'oauth' ? (
				<>
					{start.error ? <ProblemNotice problem={problemOf(start.error)} /> : null}
					<Button className="h-11" busy={start.isPending} onClick={() => start.mutate(undefined)}>
						{words.go(platformName(connector.platform))}
					</Button>
				</>
			) : (
				<AppPasswordForm path={`${path}/app-password`} extra={{}} done={() => setDone(true)} />
			)}
			<p className="text-sm text-muted-foreground">
				{words.until} <Time iso={expiresAt} />
			</p>
		</Door>
	);
}

export function LinkDone() {
	return (
		<Door title={words.done}>
			<p role="status">{words.doneHelp}</p>
		</Door>
	);
}
