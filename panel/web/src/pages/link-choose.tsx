import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { ConnectFlowAnswer } from '../../../shared/api';
import { call, problemOf } from '../api/client';
import { Door } from '../shell/door';
import { Loading } from '../shell/loading';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { ProblemNotice } from '../ui/notice';
import { Candidates } from './candidates';
import { LinkDone } from './link';

/** After a client's consent: what came of it, and which accounts are to be connected. */
export function LinkChoose() {
	const { token = '', flow = '' } = useParams();
	const path = `/api/connect-links/${encodeURIComponent(token)}/${encodeURIComponent(flow)}`;
	const [done, setDone] = useState(false);
	const answer = useQuery({
		queryKey: ['link-flow', token, flow],
		queryFn: () => call<ConnectFlowAnswer>('GET', path),
		refetchOnWindowFocus: false,
		staleTime: Infinity,
	});
	if (done) return <LinkDone />;
	if (answer.isPending) return <Loading />;
	if (answer.isError) {
		return (
			<Door title={strings.choose.failed}>
				<ProblemNotice problem={problemOf(answer.error)} />
				<Button look="outline" asChild>
					<Link to={`/l/${encodeURIComponent(token)}`}>{strings.link.tryAgain}</Link>
				</Button>
			</Door>
		);
	}
	return (
		<Door title={strings.choose.title} lead={strings.choose.lead}>
			<Candidates path={path} flow={answer.data} done={() => setDone(true)} />
		</Door>
	);
}
