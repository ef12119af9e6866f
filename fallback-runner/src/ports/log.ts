import pino, { type DestinationStream, type Logger } from 'pino';
import type { LogPort } from '../../../core/ports';

/** Names of facts that are never written, at the top and one level below. */
const SECRET_NAMES = [
	'token',
	'accessToken',
	'refreshToken',
	'clientSecret',
	'vaultKey',
	'key',
	'secret',
	'password',
	'authorization',
	'Authorization',
	'apikey',
	'headers',
];

/** JSON lines; known secret fields are cut out even if somebody hands them in. */
export function createLogger(name: string, level = 'info', to?: DestinationStream): Logger {
	const options = {
		name,
		level,
		redact: {
			paths: SECRET_NAMES.flatMap((secret) => [secret, `*.${secret}`]),
			censor: '[secret]',
		},
	};
	return to === undefined ? pino(options) : pino(options, to);
}

/** A logger behind the port. */
export function createLogPort(logger: Logger): LogPort {
	return {
		info: (event, facts) => logger.info(facts ?? {}, event),
		warn: (event, facts) => logger.warn(facts ?? {}, event),
	};
}
