import type { AccountView, Platform, PostState, PostView } from '../../core/store/contract';
import { type Html, markup, webAddress } from './html';
import { type PostsQuery, type PostsView, STATES } from './posts-view';

const STATE_WORDS: Record<PostState, string> = {
	draft: 'Draft',
	scheduled: 'Scheduled',
	publishing: 'Publishing',
	published: 'Published',
	failed: 'Failed',
	missed: 'Missed',
	needs_review: 'Needs review',
	cancelled: 'Cancelled',
};

const PLATFORM_WORDS: Record<Platform, string> = {
	x: 'X',
	linkedin: 'LinkedIn',
	instagram: 'Instagram',
	bluesky: 'Bluesky',
};

const TEXT_SHOWN = 280;

function address(query: PostsQuery, changes: Partial<PostsQuery>): string {
	const wanted = { ...query, ...changes };
	const search = new URLSearchParams();
	if (wanted.owner !== 'default') search.set('owner', wanted.owner);
	if (wanted.state) search.set('state', wanted.state);
	if (wanted.cursor) search.set('cursor', wanted.cursor);
	const text = search.toString();
	return text ? `/?${text}` : '/';
}

/** UTC in the page itself; `panel.js` adds the viewer's own zone. */
function time(iso: string): Html {
	const utc = new Date(iso).toISOString();
	return markup`<time datetime="${utc}">${utc.slice(0, 10)} ${utc.slice(11, 19)} UTC</time>`;
}

function whenOf(post: PostView): Html {
	if (post.publishedAt)
		return markup`<span class="label">Published</span> ${time(post.publishedAt)}`;
	if (post.state === 'scheduled' && post.nextAt && post.waitReason) {
		return markup`<span class="label">Next try</span> ${time(post.nextAt)}`;
	}
	if (post.scheduledAt) {
		return markup`<span class="label">Scheduled for</span> ${time(post.scheduledAt)}${
			post.wallTime && post.timeZone
				? markup`<small>${post.wallTime.replace('T', ' ')} ${post.timeZone}</small>`
				: null
		}`;
	}
	return markup`<span class="label">Created</span> ${time(post.createdAt)}`;
}

function linksOf(post: PostView, account: AccountView | undefined): Html {
	const live = webAddress(post.url);
	const profile = webAddress(account?.profileUrl);
	const links = [
		live && post.deletedAt === null
			? markup`<a href="${live}" rel="noopener noreferrer">Open post</a>`
			: null,
		profile
			? markup`<a href="${profile}" rel="noopener noreferrer"
					>${post.mode === 'sandbox' ? 'Sandbox timeline' : 'Account page'}</a
				>`
			: null,
	].filter((link) => link !== null);
	return links.length > 0
		? markup`<p class="links">${links}</p>`
		: markup`<p class="links quiet">Not live yet</p>`;
}

function postRow(post: PostView, account: AccountView | undefined): Html {
	const text = post.content.text;
	const pictures = post.media.length;
	return markup`<li class="post">
		<div class="head">
			<span class="state ${post.state}">${STATE_WORDS[post.state]}</span>
			<span class="who"><b>${PLATFORM_WORDS[post.platform]}</b> @${post.account.replace(/^@/, '')}</span>
			${post.mode === 'sandbox' ? markup`<span class="badge">sandbox</span>` : null}
			${post.deletedAt ? markup`<span class="badge">deleted at the platform</span>` : null}
		</div>
		<p class="text">${text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text || '(no text)'}</p>
		${pictures > 0 ? markup`<p class="quiet">${pictures} ${pictures === 1 ? 'image' : 'images'}</p>` : null}
		<p class="when">${whenOf(post)}</p>
		${
			post.error
				? markup`<p class="trouble"><b>${post.error.message}</b> ${post.error.remedy}</p>`
				: null
		}
		${linksOf(post, account)}
	</li>`;
}

function counts(view: Extract<PostsView, { kind: 'posts' }>, query: PostsQuery): Html {
	const total = STATES.reduce((sum, state) => sum + (view.overview.counts[state] ?? 0), 0);
	const tile = (state: PostState | null, words: string, count: number) => markup`<li>
		<a
			href="${address(query, { state, cursor: null })}"
			class="tile ${state ?? 'all'}"
			aria-current="${query.state === state ? 'true' : 'false'}"
			><b>${count}</b> ${words}</a
		>
	</li>`;
	return markup`<nav aria-label="Posts by state">
		<ul class="tiles">
			${[
				tile(null, 'All', total),
				...STATES.map((state) => tile(state, STATE_WORDS[state], view.overview.counts[state] ?? 0)),
			]}
		</ul>
	</nav>`;
}

function carriers(view: Extract<PostsView, { kind: 'posts' }>): Html {
	const { heartbeats, due } = view.overview;
	const words = heartbeats.map(
		(beat) =>
			markup`<li>
				<span class="dot ${beat.fresh ? 'fresh' : 'stale'}"></span> ${beat.carrier}:
				${beat.fresh ? 'working' : 'silent'}, last sign ${time(beat.lastAt)}
			</li>`,
	);
	return markup`<section aria-label="Carriers" class="carriers">
		<p>
			${due === 0 ? 'Nothing is due now.' : `${due} ${due === 1 ? 'post is' : 'posts are'} due now.`}
		</p>
		${
			words.length > 0
				? markup`<ul>
						${words}
					</ul>`
				: markup`<p class="quiet">
						Nobody publishes yet: start n8n with the template "publish due posts".
					</p>`
		}
	</section>`;
}

function body(view: PostsView, query: PostsQuery): Html {
	if (view.kind === 'down') {
		return markup`<section class="notice" role="alert">
			<h2>The posts cannot be shown now</h2>
			<p>${view.reason}</p>
			<p>${view.remedy}</p>
			<p class="quiet">This page tries again by itself.</p>
		</section>`;
	}
	const { items, nextCursor } = view.posts;
	const list =
		items.length > 0
			? markup`<ol class="posts">
					${items.map((post) => postRow(post, view.profiles.get(post.accountId)))}
				</ol>`
			: markup`<section class="notice">
					<h2>${query.state ? `No post is in the state "${STATE_WORDS[query.state]}"` : 'No posts yet'}</h2>
					<p>
						${
							query.state
								? markup`<a href="${address(query, { state: null, cursor: null })}">Show all posts</a>`
								: 'Make the first one in n8n: open the template "publish to all networks", or add a Social Post node to any workflow.'
						}
					</p>
				</section>`;
	return markup`${counts(view, query)} ${carriers(view)}
		<h2>${query.state ? STATE_WORDS[query.state] : 'All posts'}</h2>
		${list}
		<p class="pages">
			${query.cursor ? markup`<a href="${address(query, { cursor: null })}">Newest posts</a>` : null}
			${nextCursor ? markup`<a href="${address(query, { cursor: nextCursor })}">Older posts</a>` : null}
		</p>`;
}

/** The whole page. `panel.js` fetches it again and puts `#live` in place of the one that shows. */
export function postsPage(view: PostsView, query: PostsQuery, now: Date): string {
	return documentOf(
		'Posts',
		markup`<div id="live" data-refresh-ms="5000">
			${body(view, query)}
			<p class="quiet">As of ${time(now.toISOString())}</p>
		</div>`,
	);
}

/** A page that only says something. */
export function messagePage(title: string, message: string): string {
	return documentOf(
		title,
		markup`<section class="notice">
			<h2>${title}</h2>
			<p>${message}</p>
			<p><a href="/">To the posts</a></p>
		</section>`,
	);
}

function documentOf(title: string, content: Html): string {
	return markup`<!doctype html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="color-scheme" content="light dark" />
				<title>${title} · MuseKit Social</title>
				<link rel="icon" href="data:," />
				<link rel="stylesheet" href="/assets/panel.css" />
				<script src="/assets/panel.js" defer></script>
				<noscript><meta http-equiv="refresh" content="15" /></noscript>
			</head>
			<body>
				<header>
					<h1>MuseKit Social</h1>
					<p id="zone" class="quiet">Times are in UTC</p>
				</header>
				<main>${content}</main>
				<p id="offline" class="notice" role="status" hidden>
					The panel does not answer. What you see is from before; it tries again by itself.
				</p>
			</body>
		</html>`.text;
}
