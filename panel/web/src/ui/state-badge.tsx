import type { PostState } from '../../../../core/store/contract';
import { strings } from '../strings';
import { Badge, type Tone } from './surface';

const TONES: Record<PostState, Tone> = {
	needs_review: 'warning',
	scheduled: 'info',
	publishing: 'info',
	published: 'success',
	failed: 'danger',
	missed: 'danger',
	draft: 'neutral',
	cancelled: 'neutral',
};

/** Where a post stands, in one word. */
export function StateBadge({ state }: { state: PostState }) {
	return <Badge tone={TONES[state]}>{strings.posts.states[state]}</Badge>;
}
