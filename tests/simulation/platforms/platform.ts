import type { HttpRequest, HttpResponse } from '../../../core/ports';
import type { Chance } from '../random';

/** Something that the world can see at a platform. */
export interface Entry {
	id: string;
	remoteAccount: string;
	/** The post it came from; null for what people wrote by hand. */
	post: string | null;
	text: string;
	/** By the platform's own clock, Unix ms. */
	createdAt: number;
	/** True time from which the platform's lists show it. */
	listedAt: number;
	/** Pictures, as the platform names them. */
	media: string[];
	/** Instagram: where it came from. */
	container?: string;
}

export interface PlatformRules {
	/** Refuses a text that an account has posted already. */
	duplicates: boolean;
	/** Longest time until an entry shows in lists, ms. */
	indexLagMs: number;
	/** Longest time until the duplicate rule knows an entry, ms. */
	duplicateLagMs: number;
	/** How far the platform's clock is ahead, ms. */
	skewMs: number;
}

/** A request as a platform sees it. */
export interface Received {
	request: HttpRequest;
	path: string;
	query: URLSearchParams;
	now: number;
	/** Which post of ours sent it, for counting; no platform looks at it. */
	post: string | null;
}

export function answer(
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): HttpResponse {
	return { kind: 'response', status, headers, text: body === null ? '' : JSON.stringify(body) };
}

/** What every platform model does: keeps entries, knows tokens, hands out ids. */
export abstract class PlatformModel {
	readonly entries: Entry[] = [];
	private readonly tokens = new Map<string, { remoteAccount: string; until: number }>();
	private readonly refreshTokens = new Map<string, { remoteAccount: string; used: boolean }>();
	private made = 0;

	constructor(
		protected readonly chance: Chance,
		readonly rules: PlatformRules,
	) {}

	abstract handle(received: Received): HttpResponse;

	/** A token pair for an account, as after a consent. */
	grant(remoteAccount: string, until: number): { accessToken: string; refreshToken: string } {
		const number = this.next();
		const pair = { accessToken: `access-${number}`, refreshToken: `refresh-${number}` };
		this.tokens.set(pair.accessToken, { remoteAccount, until });
		this.refreshTokens.set(pair.refreshToken, { remoteAccount, used: false });
		return pair;
	}

	/** Somebody posts by hand. */
	byHand(remoteAccount: string, text: string, now: number): void {
		this.enter({ remoteAccount, text, post: null, media: [] }, now);
	}

	/** Whose token a request carries; null when it is none that works. */
	protected accountOf({ request, now }: Received): string | null {
		const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
		const known = this.tokens.get(token);
		return known !== undefined && known.until > now ? known.remoteAccount : null;
	}

	/**
	 * A new pair for a refresh token. One that was used already proves theft where tokens rotate, and
	 * ends all of its family.
	 */
	protected refresh(token: string, until: number, rotates: boolean) {
		const known = this.refreshTokens.get(token);
		if (known === undefined) return null;
		if (rotates && known.used) {
			for (const [each, { remoteAccount }] of this.refreshTokens) {
				if (remoteAccount === known.remoteAccount) this.refreshTokens.delete(each);
			}
			return null;
		}
		known.used = true;
		return this.grant(known.remoteAccount, until);
	}

	protected next(): number {
		return ++this.made;
	}

	protected enter(
		entry: Pick<Entry, 'remoteAccount' | 'text' | 'post' | 'media' | 'container'>,
		now: number,
		id?: string,
	): Entry {
		const number = this.next();
		const createdAt = now + this.rules.skewMs;
		const made: Entry = {
			...entry,
			id: id ?? this.newId(createdAt, number),
			createdAt,
			listedAt: now + this.lag(`listed ${number}`),
		};
		this.entries.push(made);
		return made;
	}

	/** Mostly quick; every other time anything up to the bound. */
	protected lag(name: string): number {
		const { indexLagMs } = this.rules;
		return this.chance.happens(`${name} slow`, 0.5)
			? this.chance.between(name, 0, indexLagMs)
			: this.chance.skewed(name, 0, indexLagMs);
	}

	protected newId(_createdAt: number, number: number): string {
		return String(17_900_000_000_000_000n + BigInt(number));
	}

	protected listed(remoteAccount: string, now: number): Entry[] {
		return this.entries
			.filter((entry) => entry.remoteAccount === remoteAccount && entry.listedAt <= now)
			.reverse();
	}

	/** An earlier entry with the same text that the duplicate rule knows by now. */
	protected duplicateOf(remoteAccount: string, text: string, now: number): Entry | undefined {
		if (!this.rules.duplicates) return undefined;
		return this.entries.find(
			(entry) =>
				entry.remoteAccount === remoteAccount &&
				entry.text === text &&
				entry.createdAt - this.rules.skewMs + this.rules.duplicateLagMs <= now,
		);
	}
}

export function jsonBody(request: HttpRequest): Record<string, unknown> {
	return typeof request.body === 'string' && request.body !== ''
		? (JSON.parse(request.body) as Record<string, unknown>)
		: {};
}

export function formBody(request: HttpRequest): URLSearchParams {
	return new URLSearchParams(typeof request.body === 'string' ? request.body : '');
}
