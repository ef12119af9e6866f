/**
 * Bluesky's own server with its directory of accounts (PLC), both real, on ports and in a folder that
 * the parent names. Prints one line of JSON when ready; ends with its parent.
 */
import { createServer } from 'node:http';
import path from 'node:path';
import './from-pds.mjs';

const plc = await import('@did-plc/server');
const { PDS } = await import('@atproto/pds');
const { Secp256k1Keypair } = await import('@atproto/crypto');

const { folder, pdsPort, plcPort, appViewPort, adminPassword, jwtSecret } = JSON.parse(
	process.env.PDS_CONFIG,
);
const { Database, PlcServer } = plc.PlcServer ? plc : plc.default;

const directory = PlcServer.create({ db: Database.mock(), port: plcPort });
await directory.start();

// Stands where the network's index would be asked for handles that live elsewhere: it knows none.
const index = createServer((_request, response) => {
	response.writeHead(400, { 'content-type': 'application/json' });
	response.end('{"error":"InvalidRequest","message":"Unable to resolve handle"}');
});
await new Promise((resolve) => index.listen(appViewPort, '127.0.0.1', resolve));

const key = await Secp256k1Keypair.create({ exportable: true });
const pds = await PDS.fromEnv({
	devMode: true,
	port: pdsPort,
	dataDirectory: folder,
	blobstoreDiskLocation: path.join(folder, 'blobs'),
	didPlcUrl: `http://localhost:${plcPort}`,
	adminPassword,
	jwtSecret,
	serviceHandleDomains: ['.test'],
	bskyAppViewUrl: `http://localhost:${appViewPort}`,
	bskyAppViewDid: 'did:example:appview',
	plcRotationKeyK256PrivateKeyHex: Buffer.from(await key.export()).toString('hex'),
	inviteRequired: false,
	disableSsrfProtection: true,
	rateLimitsEnabled: true,
	// As Bluesky's own entryway does.
	enableDidDocWithSession: true,
});
await pds.start();

let ending = false;
async function end() {
	if (ending) return;
	ending = true;
	await pds.destroy();
	await directory.destroy();
	index.close();
	process.exit(0);
}
process.on('SIGTERM', end);
process.on('disconnect', end);
process.stdout.write(`${JSON.stringify({ url: `http://localhost:${pdsPort}` })}\n`);
