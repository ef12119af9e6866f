import { problemOf } from '../../api/client';
import { strings } from '../../strings';
import { settingsWords as words } from '../../strings/settings';
import { Button } from '../../ui/button';
import { ProblemNotice } from '../../ui/notice';

/** The end of a form: what went wrong, whether something is not saved yet, and Save. */
export function SaveBar({ dirty, busy, error }: { dirty: boolean; busy: boolean; error: unknown }) {
	return (
		<div className="grid gap-4">
			{error ? <ProblemNotice problem={problemOf(error)} /> : null}
			<div className="flex items-center justify-end gap-3">
				{dirty && <span className="text-sm text-muted-foreground">{words.unsaved}</span>}
				<Button type="submit" busy={busy} disabled={!dirty}>
					{strings.common.save}
				</Button>
			</div>
		</div>
	);
}
