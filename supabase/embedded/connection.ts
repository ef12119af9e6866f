import { Client, type ClientConfig } from 'pg';

/**
 * One connection for one piece of work, closed after it. A server that goes away meanwhile is an error
 * of the work, and never an event that nobody listens to (that would end the process).
 */
export async function withConnection<T>(
	config: ClientConfig,
	work: (client: Client) => Promise<T>,
): Promise<T> {
	const client = new Client(config);
	client.on('error', () => undefined);
	try {
		await client.connect();
		return await work(client);
	} finally {
		await client.end().catch(() => undefined);
	}
}
