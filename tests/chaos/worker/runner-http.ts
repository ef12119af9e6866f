import type { HttpPort } from '../../../core/ports';
import { createHttpPort as createRealPort } from '../../../fallback-runner/src/ports/http';
import { fastHttp } from '../clock';
import { clockSpec } from './runner-clock';

export function createHttpPort(): HttpPort {
	return fastHttp(createRealPort(), clockSpec());
}
