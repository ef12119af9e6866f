import { X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import type { ApiProblem } from '../../../shared/api';
import { problemOf } from '../api/client';
import { strings } from '../strings';
import { Button } from './button';
import { ProblemNotice } from './notice';

const overlay = 'fixed inset-0 z-40 bg-black/50 animate-in';
const sheet =
	'fixed z-50 inset-x-0 bottom-0 max-h-[92dvh] overflow-y-auto rounded-t-2xl border bg-card p-5 shadow-xl animate-in sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[min(28rem,calc(100vw-2rem))] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-xl sm:p-6';

/** Whether a dialog is open; its owner keeps that. */
export interface DialogState {
	open: boolean;
	onOpenChange: (open: boolean) => void;
}

/** A dialog with a form; on a phone it comes from below. */
export function Dialog({
	open,
	onOpenChange,
	title,
	description,
	children,
}: DialogState & {
	title: string;
	description?: string;
	children: ReactNode;
}) {
	return (
		<Radix.Root open={open} onOpenChange={onOpenChange}>
			<Radix.Portal>
				<Radix.Overlay className={overlay} />
				<Radix.Content
					className={sheet}
					{...(description ? {} : { 'aria-describedby': undefined })}
				>
					<div className="mb-4 flex items-start justify-between gap-4">
						<div className="grid gap-1">
							<Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
							{description && (
								<Radix.Description className="text-sm text-muted-foreground">
									{description}
								</Radix.Description>
							)}
						</div>
						<Radix.Close asChild>
							<Button
								look="quiet"
								size="icon"
								className="-mt-2 -mr-2"
								aria-label={strings.common.close}
							>
								<X aria-hidden />
							</Button>
						</Radix.Close>
					</div>
					{children}
				</Radix.Content>
			</Radix.Portal>
		</Radix.Root>
	);
}

/** Asks before something that cannot be undone; stays open with the problem when it is refused. */
export function Confirm({
	open,
	onOpenChange,
	title,
	description,
	action,
	dismiss = strings.common.cancel,
	onConfirm,
}: DialogState & {
	title: string;
	description: string;
	action: string;
	/** The other button; "Cancel" unless set. */
	dismiss?: string;
	onConfirm: () => Promise<unknown>;
}) {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<ApiProblem | null>(null);
	const run = async () => {
		setBusy(true);
		setProblem(null);
		try {
			await onConfirm();
			onOpenChange(false);
		} catch (error) {
			setProblem(problemOf(error));
		} finally {
			setBusy(false);
		}
	};
	return (
		<AlertDialog.Root open={open} onOpenChange={onOpenChange}>
			<AlertDialog.Portal>
				<AlertDialog.Overlay className={overlay} />
				<AlertDialog.Content className={sheet}>
					<AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
					<AlertDialog.Description className="mt-1 text-muted-foreground">
						{description}
					</AlertDialog.Description>
					{problem && (
						<div className="mt-4">
							<ProblemNotice problem={problem} />
						</div>
					)}
					<div className="mt-6 flex justify-end gap-2">
						<AlertDialog.Cancel asChild>
							<Button look="outline">{dismiss}</Button>
						</AlertDialog.Cancel>
						<Button look="danger" busy={busy} onClick={() => void run()}>
							{action}
						</Button>
					</div>
				</AlertDialog.Content>
			</AlertDialog.Portal>
		</AlertDialog.Root>
	);
}
