import { readWireFailure } from '../../../nodes/SocialPost/transport/wire-failure';

const error = (fields: Record<string, unknown>, cause?: unknown) =>
	Object.assign(new Error(String(fields.message ?? 'x'), { cause }), fields);

it.each<[string, unknown]>([
	['refused', error({ code: 'ECONNREFUSED' })],
	[
		'refused, wrapped as n8n does',
		error({ name: 'NodeApiError' }, error({ code: 'ECONNREFUSED' })),
	],
	['unknown host', error({ code: 'ENOTFOUND' })],
	['connect timed out', error({ code: 'ETIMEDOUT', syscall: 'connect' })],
	[
		'all addresses timed out',
		error({
			code: 'ETIMEDOUT',
			errors: [error({ syscall: 'connect' }), error({ syscall: 'connect' })],
		}),
	],
	['certificate of another host', error({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })],
	['expired certificate', error({ code: 'CERT_HAS_EXPIRED' })],
	['blocked by n8n', error({ name: 'SsrfBlockedIpError' })],
])('not sent: %s', (_name, failure) => {
	expect(readWireFailure(failure).notSent).toBe(true);
});

it.each<[string, unknown]>([
	['reset', error({ code: 'ECONNRESET', syscall: 'read' })],
	['hang up', error({ code: 'ECONNRESET', message: 'socket hang up' })],
	['broken pipe', error({ code: 'EPIPE', syscall: 'write' })],
	['read timed out', error({ code: 'ETIMEDOUT', syscall: 'read' })],
	[
		'one of the addresses got further',
		error({ code: 'ETIMEDOUT', errors: [error({ syscall: 'read' })] }),
	],
	[
		'TLS alert at any later time',
		error({ code: 'EPROTO', message: 'SSL routines::bad record mac:x' }),
	],
	['cut off at the limit', error({ code: 'ERR_CANCELED' })],
	['no error at all', undefined],
	['text', 'ECONNREFUSED'],
])('lost: %s', (_name, failure) => {
	expect(readWireFailure(failure).notSent).toBe(false);
});

it('never repeats an errno name, which n8n would replace the sentence for', () => {
	for (const code of [
		'ECONNREFUSED',
		'ENOTFOUND',
		'EAI_AGAIN',
		'ECONNRESET',
		'ETIMEDOUT',
		'EPERM',
	]) {
		const { reason } = readWireFailure(error({ code, syscall: 'connect' }));
		expect(reason).not.toMatch(/E[A-Z]{4,}/);
	}
});

it('ends on a chain of causes that goes round', () => {
	const first = error({});
	const second = error({}, first);
	first.cause = second;
	expect(readWireFailure(second).notSent).toBe(false);
});
