import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import type { ConnectFlowAnswer } from '../../../shared/api';
import { call, problemOf } from '../api/client';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { ProblemNotice } from '../ui/notice';
import { Card, ListLoading, PageHead } from '../ui/surface';
import { useToast } from '../ui/toast';
import { Candidates } from './candidates';
import { BackToAccounts } from './connect';

const words = strings.choose;

/** After consent: what came of it, and which accounts are to be connected. */
export function Choose() {
	const say = useToast();
	const navigate = useNavigate();
	const { flow = '' } = useParams();
	const path = `/api/connect/${encodeURIComponent(flow)}`;
	const answer = useQuery({
		queryKey: ['flow', flow],
		queryFn: () => call<ConnectFlowAnswer>('GET', path),
		staleTime: Infinity,
		refetchOnWindowFocus: false,
	});
	return (
		<>
			<BackToAccounts />
			<PageHead
				title={answer.isError ? words.failed : words.title}
				lead={answer.isSuccess ? words.lead : undefined}
			/>
			{answer.isPending && <ListLoading rows={2} />}
			{answer.isError && (
				<ProblemNotice
					problem={problemOf(answer.error)}
					action={
						<Button look="outline" size="small" className="text-foreground" asChild>
							<Link to="/accounts/connect">{words.again}</Link>
						</Button>
					}
				/>
			)}
			{answer.data && (
				<Card className="max-w-3xl">
					<Candidates
						path={path}
						flow={answer.data}
						done={(connected) => {
							const names = connected.accounts.map(({ handle }) => `@${handle}`).join(', ');
							say(strings.accounts.connectedNow(names));
							void navigate('/accounts', { replace: true });
						}}
					/>
				</Card>
			)}
		</>
	);
}
