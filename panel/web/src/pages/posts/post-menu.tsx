import { CalendarClock, CopyPlus, FileText, Pencil, RotateCcw, XCircle } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { PostRowView } from '../../../../../core/store/contract';
import type { ApiProblem } from '../../../../shared/api';
import { problemOf } from '../../api/client';
import { useMayChange, useSession } from '../../api/queries';
import { postStrings as words } from '../../strings/posts';
import { Confirm } from '../../ui/dialog';
import { MenuItem, MenuLine } from '../../ui/menu';
import { MoreMenu } from '../../ui/more-menu';
import { useToast } from '../../ui/toast';
import { act, fits, newKey, postPath, usePostAction } from './actions';
import { MoveDialog, movableOf } from './move-dialog';

/** What can be done with a post: its menu, the dialogs behind it, and what was refused. */
export function usePostMenu(post: PostRowView, here: 'list' | 'detail') {
	const say = useToast();
	const navigate = useNavigate();
	const mayChange = useMayChange();
	const own = useSession().user?.owner ?? '';
	const [open, setOpen] = useState<'cancel' | 'move' | null>(null);
	const [copyKey, setCopyKey] = useState(newKey);
	const retry = usePostAction(
		() => act(post, 'retry'),
		() => say(words.retried),
	);
	const duplicate = usePostAction(
		(key: string) => act(post, 'duplicate', { key }),
		(answer) => {
			say(words.duplicated);
			setCopyKey(newKey());
			void navigate(postPath(answer.post, own));
		},
	);
	const cancel = usePostAction(
		() => act(post, 'cancel'),
		({ done }) => say(done ? words.cancelled : words.cancelAsked),
	);
	const can = fits(post);
	const failed = retry.error ?? duplicate.error;
	const problem: ApiProblem | null = failed ? problemOf(failed) : null;
	const editPath = `/posts/${post.id}/edit?${new URLSearchParams({ owner: post.owner })}`;
	const busy = retry.isPending || duplicate.isPending;
	const menu = (mayChange || here === 'list') && (
		<MoreMenu label={words.actions.menu(post.account)} busy={busy}>
			{here === 'list' && (
				<MenuItem onSelect={() => void navigate(postPath(post, own))}>
					<FileText aria-hidden />
					{words.actions.details}
				</MenuItem>
			)}
			{mayChange && can.edit && (
				<MenuItem onSelect={() => void navigate(editPath)}>
					<Pencil aria-hidden />
					{words.actions.edit}
				</MenuItem>
			)}
			{mayChange && can.move && (
				<MenuItem onSelect={() => setOpen('move')}>
					<CalendarClock aria-hidden />
					{words.actions.move}
				</MenuItem>
			)}
			{mayChange && can.retry && (
				<MenuItem onSelect={() => retry.mutate(undefined)}>
					<RotateCcw aria-hidden />
					{words.actions.retry}
				</MenuItem>
			)}
			{mayChange && (
				<MenuItem onSelect={() => duplicate.mutate(copyKey)}>
					<CopyPlus aria-hidden />
					{words.actions.duplicate}
				</MenuItem>
			)}
			{mayChange && can.cancel && <MenuLine />}
			{mayChange && can.cancel && (
				<MenuItem danger onSelect={() => setOpen('cancel')}>
					<XCircle aria-hidden />
					{words.actions.cancel}
				</MenuItem>
			)}
		</MoreMenu>
	);
	const dialogs = (
		<>
			<Confirm
				open={open === 'cancel'}
				onOpenChange={(shown) => setOpen(shown ? 'cancel' : null)}
				title={words.cancelTitle}
				description={words.cancelHelp}
				action={words.actions.cancel}
				dismiss={words.keep}
				onConfirm={() => cancel.mutateAsync(undefined)}
			/>
			{open === 'move' && (
				<MoveDialog
					post={movableOf(post)}
					close={() => setOpen(null)}
					moved={() => say(words.moved)}
				/>
			)}
		</>
	);
	return { menu, dialogs, problem };
}
