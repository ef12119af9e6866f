import { composeStrings } from '../../strings/compose';
import { Button } from '../../ui/button';
import { platformName } from '../../ui/platform-mark';
import { Counters } from './counters';
import { TextArea } from './text-area';
import type { Change, Wish } from './wish';

const words = composeStrings.text;

/** Texts of single accounts that differ from the common one. */
export function OwnTexts({ wish, change }: { wish: Wish; change: (change: Change) => void }) {
	if (wish.accounts.length === 0) return null;
	const set = (id: string, text: string | null) =>
		change(({ own }) => {
			const next = { ...own };
			if (text === null) delete next[id];
			else next[id] = text;
			return { own: next };
		});
	const plain = wish.accounts.filter(({ id }) => wish.own[id] === undefined);
	return (
		<>
			{wish.accounts
				.filter(({ id }) => wish.own[id] !== undefined)
				.map(({ id, handle, platform }) => (
					<div key={id} className="grid gap-2 border-t pt-4">
						<TextArea
							label={words.ownLabel(`@${handle} (${platformName(platform)})`)}
							rows={4}
							value={wish.own[id]}
							onChange={(text) => set(id, text)}
							note={<Counters text={wish.own[id]} platforms={[platform]} />}
						/>
						<Button
							look="quiet"
							size="small"
							className="justify-self-start"
							onClick={() => set(id, null)}
						>
							{words.common}
						</Button>
					</div>
				))}
			{wish.accounts.length > 1 && plain.length > 0 && (
				<div className="flex flex-wrap items-center gap-2 border-t pt-4">
					<span className="text-sm text-muted-foreground">{words.own}</span>
					{plain.map(({ id, handle, platform }) => (
						<Button key={id} look="outline" size="small" onClick={() => set(id, wish.text)}>
							@{handle} ({platformName(platform)})
						</Button>
					))}
				</div>
			)}
		</>
	);
}
