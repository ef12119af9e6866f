/** What a failed call of n8n's request helper means, in our words. */
export interface WireFailure {
	/** True when it is certain that no byte of the request was written. */
	notSent: boolean;
	/** True when n8n's protection against server-side request forgery refused the address. */
	blocked?: true;
	reason: string;
}

/** Failures before a connection stood: nothing was written, whatever the method. */
const CONNECT_CODES: Record<string, string> = {
	ECONNREFUSED: 'the connection was refused',
	ENOTFOUND: 'the host name is not known',
	EAI_AGAIN: 'the host name could not be looked up at the moment',
	EADDRNOTAVAIL: 'the address is not available from this machine',
	ERR_INVALID_URL: 'the address is not a valid URL',
};

/** Only certain when the failing system call was `connect`; afterwards they may hit a written request. */
const CONNECT_OR_LATER_CODES: Record<string, string> = {
	ETIMEDOUT: 'the connection could not be made in time',
	EHOSTUNREACH: 'the host cannot be reached from this machine',
	ENETUNREACH: 'the network cannot be reached from this machine',
	ENETDOWN: 'the network of this machine is down',
	EACCES: 'this machine does not allow the connection',
	EPERM: 'this machine does not allow the connection',
};

/**
 * Node verifies the certificate before it flushes the request
 * (https://nodejs.org/api/tls.html#x509-certificate-error-codes).
 */
const TLS_CODES = new Set([
	'CERT_HAS_EXPIRED',
	'CERT_NOT_YET_VALID',
	'CERT_REVOKED',
	'CERT_REJECTED',
	'CERT_SIGNATURE_FAILURE',
	'CERT_UNTRUSTED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'HOSTNAME_MISMATCH',
	'INVALID_CA',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * OpenSSL's reasons of a handshake that could not begin; Node gives them in the text of EPROTO.
 * Other protocol errors may come after the request was written.
 */
const HANDSHAKE_REASONS =
	/:(wrong version number|unsupported protocol|no protocols available|(?:sslv3|ssl\/tls) alert handshake failure|tlsv1 alert protocol version|tlsv1 unrecognized name):/;

interface ErrorShape {
	name?: unknown;
	code?: unknown;
	message?: unknown;
	syscall?: unknown;
	cause?: unknown;
	errors?: unknown;
}

/**
 * Reads what n8n's axios throws (n8n 2.41 `@n8n/backend-network`, wrapped in `NodeApiError` by
 * `httpRequestWithAuthentication`). Whatever is not certainly "not sent" is "lost". The sentence
 * never holds an errno name, for n8n replaces any error text that does.
 */
export function readWireFailure(error: unknown): WireFailure {
	let lost = 'the connection broke before the answer was complete';
	for (const layer of layersOf(error)) {
		const code = typeof layer.code === 'string' ? layer.code : '';
		if (typeof layer.name === 'string' && layer.name.startsWith('SsrfBlocked')) {
			return {
				notSent: true,
				blocked: true,
				reason:
					"n8n's protection against server-side request forgery blocks this address (N8N_SSRF_ALLOWED_HOSTNAMES and N8N_SSRF_ALLOWED_IP_RANGES allow it)",
			};
		}
		if (code in CONNECT_CODES) return { notSent: true, reason: CONNECT_CODES[code] };
		if (TLS_CODES.has(code) || (code === 'EPROTO' && handshakeFailed(layer))) {
			return { notSent: true, reason: 'no secure connection could be made (TLS)' };
		}
		if (code in CONNECT_OR_LATER_CODES && connectFailed(layer)) {
			return { notSent: true, reason: CONNECT_OR_LATER_CODES[code] };
		}
		if (code === 'ERR_CANCELED' || layer.name === 'TimeoutError') {
			lost = 'no complete answer came within the time limit';
		}
	}
	return { notSent: false, reason: lost };
}

function handshakeFailed(layer: ErrorShape): boolean {
	return typeof layer.message === 'string' && HANDSHAKE_REASONS.test(layer.message);
}

/** Node tries several addresses at once and then reports an AggregateError with one error each. */
function connectFailed(layer: ErrorShape): boolean {
	if (layer.syscall === 'connect') return true;
	return (
		Array.isArray(layer.errors) &&
		layer.errors.length > 0 &&
		layer.errors.every((each) => isShape(each) && each.syscall === 'connect')
	);
}

function layersOf(error: unknown): ErrorShape[] {
	const layers: ErrorShape[] = [];
	let current: unknown = error;
	while (isShape(current) && layers.length < 8) {
		layers.push(current);
		current = current.cause;
	}
	return layers;
}

function isShape(value: unknown): value is ErrorShape {
	return typeof value === 'object' && value !== null;
}
