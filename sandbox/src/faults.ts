import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import { callOf } from './calls';
import type { Call } from './calls';
import { instagramStatusBody } from './instagram/errors';
import { linkedinStatusBody } from './linkedin/errors';
import type { Platform } from './records';
import { xStatusBody } from './x/errors';

/**
 * A scripted fault. It hits requests that fit every given field of the match, `count` times (null:
 * for ever), each time with `probability`, after letting `skip` fitting requests pass.
 */
export const faultInput = z.strictObject({
	kind: z.enum([
		/** Waits `ms`, before or after the work. */
		'latency',
		/** Does nothing and closes the connection. */
		'drop_before_commit',
		/** Does the work and closes the connection instead of answering. */
		'drop_after_commit',
		/** Connection reset (RST), before or after the work. */
		'reset',
		/** Answers `status` with the platform's own error body (or `body`), before or after the work. */
		'status',
		/** 307 to `location`, nothing done (or done, with `when: after`). */
		'redirect',
		/** An HTML page instead of the answer; `status` 200 unless set. */
		'content_type',
		/** The answer's first half, complete as HTTP. */
		'truncate',
		/** The true answer, one byte each `ms`. */
		'trickle',
		/** 401 as the platform words it, whoever asks. */
		'unauthorized',
		/** X: no credits left (402). */
		'credits_depleted',
		/** X: spend cap reached (403). */
		'spend_cap',
		/** Instagram: the container made now ends in ERROR with `subcode`. */
		'container_error',
	]),
	platform: z.enum(['x', 'linkedin', 'instagram']).optional(),
	/** Handle or id. */
	account: z.string().optional(),
	method: z.string().optional(),
	/** Regular expression on the path below the platform's prefix. */
	path: z.string().optional(),
	/** Step name, see `calls.ts`. */
	step: z.string().optional(),
	count: z.number().int().min(1).nullable().default(1),
	probability: z.number().min(0).max(1).default(1),
	/** Makes `probability` repeatable. */
	seed: z.number().int().optional(),
	skip: z.number().int().min(0).default(0),
	when: z.enum(['before', 'after']).optional(),
	ms: z.number().int().min(0).default(1000),
	status: z.number().int().min(100).max(599).optional(),
	headers: z.record(z.string(), z.string()).default({}),
	body: z.unknown().optional(),
	location: z.string().optional(),
	subcode: z.number().int().default(2207082),
});

export type FaultInput = z.input<typeof faultInput>;
export interface Fault extends z.output<typeof faultInput> {
	id: string;
	hits: number;
	seen: number;
}

const BEFORE_BY_DEFAULT = new Set(['latency', 'reset', 'status', 'redirect', 'content_type']);
const ALWAYS_AFTER = new Set(['drop_after_commit', 'truncate', 'trickle']);
const NO_EFFECT_ON_ANSWER = new Set(['latency', 'container_error']);

/** The list of scripted faults of one sandbox. */
export class FaultList {
	private faults: Fault[] = [];
	private readonly random = new Map<string, () => number>();

	add(input: FaultInput): Fault {
		const fault: Fault = { ...faultInput.parse(input), id: randomUUID(), hits: 0, seen: 0 };
		if (fault.path !== undefined) void new RegExp(fault.path);
		if (fault.seed !== undefined) this.random.set(fault.id, seeded(fault.seed));
		this.faults.push(fault);
		return fault;
	}

	list(): Fault[] {
		return this.faults;
	}

	remove(id?: string): void {
		this.faults = id === undefined ? [] : this.faults.filter((fault) => fault.id !== id);
	}

	/** Faults that hit this call: any number of waits and at most one other. */
	take(call: Call, method: string): Fault[] {
		const taken: Fault[] = [];
		for (const fault of this.faults) {
			if (!fits(fault, call, method)) continue;
			if (fault.count !== null && fault.hits >= fault.count) continue;
			const final = !NO_EFFECT_ON_ANSWER.has(fault.kind);
			if (final && taken.some((other) => !NO_EFFECT_ON_ANSWER.has(other.kind))) continue;
			fault.seen += 1;
			if (fault.seen <= fault.skip) continue;
			const chance = this.random.get(fault.id) ?? Math.random;
			if (fault.probability < 1 && chance() >= fault.probability) continue;
			fault.hits += 1;
			taken.push(fault);
		}
		return taken;
	}
}

/** Applies the scripted faults to API requests. */
export function applyFaults(faults: FaultList): RequestHandler {
	return (req, res, next) => {
		if (res.locals.call === undefined) return next();
		const call = callOf(res);
		const taken = faults.take(call, req.method);
		if (taken.length === 0) return next();
		call.fault = taken.map((fault) => fault.kind).join('+');
		res.locals.faults = taken;
		const isAfter = (fault: Fault): boolean =>
			ALWAYS_AFTER.has(fault.kind) || (fault.when === 'after' && BEFORE_BY_DEFAULT.has(fault.kind));
		const wait = (after: boolean): number =>
			taken
				.filter((fault) => fault.kind === 'latency' && isAfter(fault) === after)
				.reduce((sum, fault) => sum + fault.ms, 0);
		const final = taken.find((fault) => !NO_EFFECT_ON_ANSWER.has(fault.kind));
		const after = final && isAfter(final) ? final : undefined;
		if (after !== undefined || wait(true) > 0) interceptAnswer(res, call, after, wait(true));
		later(wait(false), () => {
			if (final && !isAfter(final)) return disturb(res, call, final, Buffer.alloc(0));
			next();
		});
	};
}

/** The fault of this kind that hit the running request. */
export function faultOf(res: Response, kind: Fault['kind']): Fault | undefined {
	return (res.locals.faults as Fault[] | undefined)?.find((fault) => fault.kind === kind);
}

/** Lets the handler do its work and puts the fault between its answer and the wire. */
function interceptAnswer(
	res: Response,
	call: Call,
	fault: Fault | undefined,
	waitMs: number,
): void {
	const end = res.end.bind(res) as (chunk?: unknown) => Response;
	res.end = ((chunk?: unknown) => {
		res.end = end as typeof res.end;
		const body = Buffer.isBuffer(chunk)
			? chunk
			: Buffer.from(typeof chunk === 'string' ? chunk : '', 'utf8');
		later(waitMs, () => {
			if (fault) disturb(res, call, fault, body);
			else end(body);
		});
		return res;
	}) as typeof res.end;
}

function disturb(res: Response, call: Call, fault: Fault, body: Buffer): void {
	const socket = res.socket;
	switch (fault.kind) {
		case 'drop_before_commit':
		case 'drop_after_commit':
			socket?.destroy();
			return;
		case 'reset':
			socket?.resetAndDestroy();
			return;
		case 'redirect':
			clearHeaders(res);
			res
				.status(307)
				.set('location', fault.location ?? 'http://127.0.0.1:9/')
				.end();
			return;
		case 'content_type':
			clearHeaders(res);
			res
				.status(fault.status ?? 200)
				.set('content-type', 'text/html; charset=utf-8')
				.end('<!doctype html><html><body><h1>We will be right back</h1></body></html>');
			return;
		case 'truncate': {
			const half = body.subarray(0, Math.floor(body.length / 2));
			res.set('content-length', String(half.length)).end(half);
			return;
		}
		case 'trickle':
			trickle(res, body, fault.ms);
			return;
		default:
			answerStatus(res, call, fault);
	}
}

function answerStatus(res: Response, call: Call, fault: Fault): void {
	clearHeaders(res);
	const bodies: Record<Platform, typeof xStatusBody> = {
		x: xStatusBody,
		linkedin: linkedinStatusBody,
		instagram: instagramStatusBody,
	};
	const special = fault.kind === 'status' ? null : fault.kind;
	const status = special === 'unauthorized' ? 401 : (fault.status ?? 503);
	const answer = bodies[call.platform](status, special, call.at);
	const body = fault.body === undefined ? answer.body : fault.body;
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	res
		.status(answer.status)
		.set({ 'content-type': answer.contentType, ...answer.headers, ...fault.headers })
		.end(text);
}

function clearHeaders(res: Response): void {
	for (const name of ['content-length', 'content-type', 'etag', 'x-restli-id', 'location']) {
		res.removeHeader(name);
	}
}

function trickle(res: Response, body: Buffer, everyMs: number): void {
	res.set('content-length', String(body.length));
	res.flushHeaders();
	let at = 0;
	const timer = setInterval(() => {
		if (at < body.length) res.write(body.subarray(at, (at += 1)));
		if (at >= body.length || res.destroyed) {
			clearInterval(timer);
			res.end();
		}
	}, everyMs);
	timer.unref();
}

function later(waitMs: number, then: () => void): void {
	if (waitMs === 0) then();
	else setTimeout(then, waitMs).unref();
}

function fits(fault: Fault, call: Call, method: string): boolean {
	if (fault.platform !== undefined && fault.platform !== call.platform) return false;
	if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
	if (fault.step !== undefined && fault.step !== call.step) return false;
	if (fault.path !== undefined && !new RegExp(fault.path).test(call.path)) return false;
	if (fault.account === undefined) return true;
	const wanted = fault.account.replace(/^@/, '').toLowerCase();
	return call.account?.id === fault.account || call.account?.handle.toLowerCase() === wanted;
}

/** mulberry32. */
function seeded(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
