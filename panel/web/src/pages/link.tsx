import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import type { LinkFlowAnswer, LinkPageAnswer, StartConnectAnswer } from '../../../shared/api';
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
import { Candidates } from './candidates';

const words = strings.link;

/** The page of a client who got a link: connects one account, without a sign-in here. */
export function Link() {
	const { token = '' } = useParams();
	const [search] = useSearchParams();
	const flow = search.get('flow');
	const path = `/api/connect-links/${encodeURIComponent(token)}`;
	const [done, setDone] = useState(false);
	if (done) return <LinkDone />;
	if (flow !== null) {
		return (
			<LinkChoice path={`${path}/flow/${encodeURIComponent(flow)}`} done={() => setDone(true)} />
		);
	}
	return <LinkStart path={path} done={() => setDone(true)} />;
}

function LinkStart({ path, done }: { path: string; done: () => void }) {
	const link = useQuery({
		queryKey: ['link', path],
		queryFn: () => call<LinkPageAnswer>('GET', path),
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
	const { platform, kind, unavailable, expiresAt } = link.data;
	return (
		<Door title={words.title(platformName(platform))} lead={words.lead}>
			{unavailable && <ProblemNotice problem={unavailable} tone="warning" />}
			{!unavailable && kind === 'oauth' && (
				<>
					{start.problem && <ProblemNotice problem={start.problem} />}
					<Button className="h-11" busy={start.isPending} onClick={() => start.mutate(undefined)}>
						{words.go(platformName(platform))}
					</Button>
				</>
			)}
			{!unavailable && kind === 'app_password' && (
				<AppPasswordForm path={`${path}/app-password`} extra={{}} done={done} />
			)}
			<p className="text-sm text-muted-foreground">
				{words.until} <Time iso={expiresAt} />
			</p>
		</Door>
	);
}

/** After the client's consent: which account it is to be. */
function LinkChoice({ path, done }: { path: string; done: () => void }) {
	const navigate = useNavigate();
	const answer = useQuery({
		queryKey: ['link-flow', path],
		queryFn: () => call<LinkFlowAnswer>('GET', path),
		refetchOnWindowFocus: false,
		staleTime: Infinity,
	});
	if (answer.isPending) return <Loading />;
	if (answer.isError) {
		return (
			<Door title={strings.choose.failed}>
				<ProblemNotice problem={problemOf(answer.error)} />
				<Button look="outline" onClick={() => void navigate('.', { replace: true })}>
					{words.tryAgain}
				</Button>
			</Door>
		);
	}
	return (
		<Door title={strings.choose.titleOne} lead={strings.choose.leadOne}>
			<Candidates single path={path} flow={answer.data} done={done} />
		</Door>
	);
}

function LinkDone() {
	return (
		<Door title={words.done}>
			<p role="status">{words.doneHelp}</p>
		</Door>
	);
}
