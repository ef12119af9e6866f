import { Router } from 'express';
import { z } from 'zod';
import { PLATFORMS } from '../../../core/platforms';
import { createPosts, type NamedEntry, type PostDraft } from '../../../core/publishing/create';
import type { AccountView, MediaRef } from '../../../core/store/contract';
import {
	BATCH_ROWS_MAX,
	COLUMNS,
	type Column,
	type ImportAnswer,
	type ImportRequest,
	type ImportVerdict,
	ROWS_MAX,
} from '../../shared/imports';
import { TEXT_MAX } from '../../shared/compose';
import { handled } from '../connect/handled';
import { requireRole } from '../session';
import { briefAccount, type ComposeContext, entriesOf, ownerOf } from './context';
import type { FetchPicture } from './fetch-picture';
import { AccountFinder } from './import-accounts';
import { ImportPictures } from './import-pictures';
import { readRow, type ReadRow } from './import-rows';
import { equalPosts } from './posts';

const importRequest = z.strictObject({
	owner: z.string().min(1).max(200).optional(),
	file: z.string().regex(/^[0-9a-f]{64}$/),
	timeZone: z.string().min(1).max(100),
	rows: z
		.array(
			z.strictObject({
				row: z
					.number()
					.int()
					.min(2)
					// Empty lines are counted, too.
					.max(ROWS_MAX * 10),
				cells: z.partialRecord(z.enum(COLUMNS), z.string().max(TEXT_MAX)),
			}),
		)
		.min(1)
		.max(BATCH_ROWS_MAX)
		.refine(
			(rows) => new Set(rows.map(({ row }) => row)).size === rows.length,
			'A row comes twice',
		),
});

/** Twice the same words within a minute are one post that was written down twice. */
const SAME_TIME_MS = 60_000;

const COLUMN_OF: Record<string, Column> = {
	text: 'text',
	account: 'account',
	media: 'images',
	scheduledAt: 'scheduled_at',
	timeZone: 'time_zone',
};

/** A row on its way to a verdict. */
interface Work {
	read: ReadRow;
	account: AccountView | null;
	media: MediaRef[];
	verdict: ImportVerdict;
}

/** Bulk import in batches: a check that makes nothing, and the import of what can be made. */
export function importRoutes(context: ComposeContext, fetchPicture: FetchPicture): Router {
	const router = Router();
	const pictures = new ImportPictures(context, fetchPicture);
	const check = async (owner: string, wish: ImportRequest) => {
		const works = await prepare(context, pictures, { owner, wish });
		await judge(context, { owner, wish, works, dryRun: true });
		await findEqual(context, owner, works);
		return works;
	};
	router.post(
		'/api/posts/import/check',
		requireRole('admin'),
		handled(async (request, response) => {
			const wish = importRequest.parse(request.body);
			const works = await check(ownerOf(response, wish.owner), wish);
			response.json({ verdicts: works.map(({ verdict }) => verdict) } satisfies ImportAnswer);
		}),
	);
	router.post(
		'/api/posts/import',
		requireRole('admin'),
		handled(async (request, response) => {
			const wish = importRequest.parse(request.body);
			const owner = ownerOf(response, wish.owner);
			const works = await check(owner, wish);
			const ready = works.filter(({ verdict }) => verdict.state === 'ready');
			await judge(context, { owner, wish, works: ready, dryRun: false });
			response.json({ verdicts: works.map(({ verdict }) => verdict) } satisfies ImportAnswer);
		}),
	);
	return router;
}

/** Reads rows, finds their accounts and stores their pictures. */
async function prepare(
	context: ComposeContext,
	pictures: ImportPictures,
	{ owner, wish }: { owner: string; wish: ImportRequest },
): Promise<Work[]> {
	const reads = wish.rows.map((row) => readRow(row, wish.timeZone));
	const finder = new AccountFinder(context, owner);
	const accounts = await Promise.all(reads.map(async (read) => await finder.find(read)));
	const media = await pictures.of(owner, reads);
	return reads.map((read, place) => ({
		read,
		account: accounts[place],
		media: media.get(read.row) ?? [],
		verdict: {
			row: read.row,
			state: 'invalid',
			account: accounts[place] === null ? null : briefAccount(accounts[place]),
			at: null,
			pictures: read.images.length,
			postId: null,
			equal: null,
			problems: read.problems,
			warnings: [],
		},
	}));
}

interface Judged {
	owner: string;
	wish: ImportRequest;
	works: Work[];
	dryRun: boolean;
}

/**
 * Lets core and the store judge the rows that could be read, and with `dryRun` false make them. A row
 * that the store refuses for the whole call (made before with other content, or purged since) is
 * found by halving.
 */
async function judge(context: ComposeContext, judged: Judged): Promise<void> {
	const works = judged.works.filter(({ read }) => read.problems.length === 0);
	if (works.length === 0) return;
	const outcome = await createPosts(context.ports, PLATFORMS, {
		key: `import:${judged.wish.file}`,
		owner: judged.owner,
		source: 'panel',
		dedupe: false,
		dryRun: judged.dryRun,
		entries: works.map(draftOf),
	});
	const single = outcome.kind === 'refused' && [409, 410].includes(outcome.refusal.status);
	if (single && works.length > 1) {
		const half = Math.ceil(works.length / 2);
		await judge(context, { ...judged, works: works.slice(0, half) });
		await judge(context, { ...judged, works: works.slice(half) });
		return;
	}
	if (single) {
		works[0].verdict.state = 'invalid';
		works[0].verdict.problems.push({
			code: 'import_row_changed',
			message:
				outcome.refusal.status === 410
					? 'This row was imported before, and its post has been removed since.'
					: 'This row was imported before with other content or another time. Its post stays as it is.',
			remedy: 'Change the post itself, or put the row into a new file.',
		});
		return;
	}
	for (const entry of entriesOf(outcome)) {
		const work = works.find(({ read }) => read.row === entry.ordinal);
		if (work !== undefined) note(work, entry, judged.dryRun);
	}
}

function draftOf({ read, account, media }: Work): PostDraft {
	return {
		ordinal: read.row,
		accountId: account?.id ?? null,
		text: read.text,
		...(media.length === 0 ? {} : { media }),
		...(read.time === null ? { as: 'draft' } : { as: 'scheduled', ...read.time }),
	};
}

function note({ read, verdict }: Work, entry: NamedEntry, dryRun: boolean): void {
	verdict.warnings = entry.warnings ?? [];
	verdict.postId = entry.post?.id ?? null;
	if (entry.result === 'existing' && entry.post) {
		verdict.state = 'imported';
		verdict.at = read.time === null ? null : entry.post.scheduledAt;
		return;
	}
	verdict.state = entry.result === 'invalid' ? 'invalid' : dryRun ? 'ready' : 'created';
	for (const { message, field, ...problem } of entry.errors ?? []) {
		const column = COLUMN_OF[(field ?? '').replace(/\[.*$/, '')];
		verdict.problems.push({
			...problem,
			message: message.replace(/ Nothing was created\.$/, ''),
			...(field?.endsWith('altText') ? { column: 'alt_texts' } : column ? { column } : {}),
		});
	}
}

/** Instants, times that have passed, and posts that say the same already: also in the same batch. */
async function findEqual(context: ComposeContext, owner: string, works: Work[]): Promise<void> {
	const open = works.filter(({ account, verdict }) => account && verdict.state !== 'imported');
	const looks = await equalPosts(
		context,
		owner,
		open.map(({ read, account }) => ({
			n: read.row,
			accountId: account?.id ?? '',
			text: read.text,
			...(read.time ?? {}),
		})),
	);
	const seen = new Set<string>();
	for (const { media, read, verdict } of open) {
		const look = looks.get(read.row);
		verdict.at = look?.at ?? null;
		if (verdict.state !== 'ready') continue;
		if (verdict.at !== null && Date.parse(verdict.at) < Date.now()) {
			verdict.state = 'invalid';
			verdict.problems.push({
				code: 'import_time_past',
				column: 'scheduled_at',
				message: 'This time has passed, so the post would go out at once.',
				remedy: 'Choose a time in the future, or leave it empty for a draft.',
			});
			continue;
		}
		const minute = verdict.at === null ? '' : Math.floor(Date.parse(verdict.at) / SAME_TIME_MS);
		const pictures = media.map(({ hash }) => hash).join(' ');
		const self = `${verdict.account?.id} ${minute} ${pictures} ${read.text}`;
		verdict.equal = look?.equal ?? null;
		if (seen.has(self) || isSameTime(verdict)) verdict.state = 'duplicate';
		seen.add(self);
	}
}

function isSameTime({ at, equal }: ImportVerdict): boolean {
	if (equal === null) return false;
	if (at === null || equal.scheduledAt === null) return at === equal.scheduledAt;
	return Math.abs(Date.parse(at) - Date.parse(equal.scheduledAt)) < SAME_TIME_MS;
}
