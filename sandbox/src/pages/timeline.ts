import type { Request, Response, Router } from 'express';
import { routeParam } from '../body';
import { profilePath } from '../accounts';
import { entryPath } from '../ledger';
import type { Account, Entry, Platform } from '../records';
import { PLATFORMS } from '../records';
import type { SandboxState } from '../state';
import { escapeHtml, PLATFORM_NAMES, sendPage } from './layout';

const SHOWN = 100;

/** Adds the pages that people look at. */
export function timelinePages(router: Router, state: SandboxState): void {
	router.get('/', (_req, res) => sendIndex(res, state));
	const account = (platform: Platform) => (req: Request, res: Response) =>
		sendTimeline(res, state, platform, routeParam(req, 'handle'));
	router.get('/linkedin/in/:handle', account('linkedin'));
	router.get('/linkedin/company/:handle', account('linkedin'));
	router.get('/x/:handle', account('x'));
	router.get('/instagram/:handle', account('instagram'));
	router.get('/x/:handle/status/:id', (req, res) =>
		sendPost(res, state, 'x', routeParam(req, 'id')),
	);
	router.get('/linkedin/feed/update/:urn', (req, res) =>
		sendPost(res, state, 'linkedin', routeParam(req, 'urn')),
	);
	router.get('/instagram/p/:shortcode', (req, res) => {
		const code = routeParam(req, 'shortcode');
		const entry = state.entries.values().find((known) => known.instagram?.shortcode === code);
		sendPost(res, state, 'instagram', entry?.id ?? '');
	});
}

function sendIndex(res: Response, state: SandboxState): void {
	const accounts = state.accounts.values().filter((account) => !account.hidden);
	const lists = PLATFORMS.map((platform) => {
		const rows = accounts
			.filter((account) => account.platform === platform)
			.map((account) => {
				const live = state
					.timeline(platform, account.id)
					.filter((entry) => entry.deletedAt === null).length;
				return `<li class="card"><a class="row" href="${escapeHtml(profilePath(account))}">${person(account)}<span class="muted">${live} ${live === 1 ? 'post' : 'posts'}</span></a></li>`;
			});
		if (rows.length === 0) return '';
		return `<h2>${PLATFORM_NAMES[platform]}</h2><ul class="plain">${rows.join('')}</ul>`;
	}).join('');
	sendPage(res, 200, {
		title: 'Accounts',
		main: `<h1>Accounts in this sandbox</h1>
<p class="muted">Posts that MuseKit Social sends to a sandbox account show up here as readers would see them.</p>
${lists || '<p class="card">There are no accounts yet.</p>'}`,
	});
}

function sendTimeline(
	res: Response,
	state: SandboxState,
	platform: Platform,
	handle: string,
): void {
	// LinkedIn's API names members by id only, so that is how an app may link to them here.
	const byId = platform === 'linkedin' ? state.accounts.get(`linkedin:${handle}`) : undefined;
	const account = state.findAccount(platform, handle) ?? byId;
	if (!account) return sendMissing(res, platform, 'There is no account with this name.');
	const entries = [...state.timeline(platform, account.id)]
		.sort((a, b) => b.createdAt - a.createdAt)
		.slice(0, SHOWN);
	const posts = entries.map((entry) => article(state, account, entry)).join('');
	sendPage(res, 200, {
		title: `${account.displayName} on ${PLATFORM_NAMES[platform]}`,
		platform,
		main: `<div class="card">${person(account, 'h1')}</div>
<h2>Posts</h2>${posts || '<p class="card muted">No posts yet.</p>'}`,
	});
}

function sendPost(res: Response, state: SandboxState, platform: Platform, id: string): void {
	const entry = state.entries.get(`${platform}:${id}`);
	if (!entry || entry.deletedAt !== null) {
		return sendMissing(res, platform, 'This post does not exist or was deleted.');
	}
	const account = state.account(platform, entry.accountId);
	sendPage(res, 200, {
		title: `Post by ${account.displayName} on ${PLATFORM_NAMES[platform]}`,
		platform,
		main: `<h1>Post by ${escapeHtml(account.displayName)}</h1>
<p><a href="${escapeHtml(profilePath(account))}">All posts of this account</a></p>
${article(state, account, entry)}`,
	});
}

function sendMissing(res: Response, platform: Platform, message: string): void {
	sendPage(res, 404, {
		title: 'Not found',
		platform,
		main: `<h1>Not found</h1><p>${escapeHtml(message)} <a href="/">See all accounts</a>.</p>`,
	});
}

function person(account: Account, heading?: 'h1'): string {
	const name = escapeHtml(account.displayName);
	const initial = escapeHtml([...account.displayName][0]?.toUpperCase() ?? '?');
	const square = account.kind === 'organization' ? ' square' : '';
	const title = heading ? `<h1>${name}</h1>` : `<p class="name">${name}</p>`;
	return `<div class="person"><span class="avatar${square}" aria-hidden="true">${initial}</span><div>${title}<p class="muted">@${escapeHtml(account.handle)} · ${PLATFORM_NAMES[account.platform]}</p></div></div>`;
}

function article(state: SandboxState, account: Account, entry: Entry): string {
	const at = new Date(entry.createdAt);
	const iso = at.toISOString();
	const shown = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
	const reply = entry.x?.replyTo
		? `<p class="muted">In reply to <code>${escapeHtml(entry.x.replyTo)}</code></p>`
		: '';
	const link =
		entry.deletedAt === null
			? `<a href="${escapeHtml(entryPath(state, entry))}">Open post</a>`
			: '<span class="badge">Deleted</span>';
	return `<article class="card post${entry.deletedAt === null ? '' : ' deleted'}">
${person(account)}${reply}
${entry.text === '' ? '' : `<p class="text">${linked(entry.text)}</p>`}
${pictures(entry)}
<p class="meta"><time datetime="${iso}">${shown}</time>${link}<code>${escapeHtml(entry.id)}</code></p>
</article>`;
}

/** Text with its http addresses as links. */
function linked(text: string): string {
	return text
		.split(/(https?:\/\/[^\s<>"']+)/)
		.map((part, index) =>
			index % 2 === 1
				? `<a href="${escapeHtml(part)}" rel="noreferrer nofollow">${escapeHtml(part)}</a>`
				: escapeHtml(part),
		)
		.join('');
}

function pictures(entry: Entry): string {
	if (entry.media.length === 0) return '';
	const images = entry.media.map(
		(media) =>
			`<figure><img src="/_media/${media.sha256}" alt="${escapeHtml(media.altText ?? '')}" loading="lazy">${media.altText ? `<figcaption>Alt text: ${escapeHtml(media.altText)}</figcaption>` : '<figcaption>No alt text</figcaption>'}</figure>`,
	);
	return `<div class="pictures${images.length > 1 ? ' many' : ''}">${images.join('')}</div>`;
}
