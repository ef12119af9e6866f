import { totalmem } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { MEDIA_BUCKET } from '../../core/store/contract';

const port = z.number().int().min(0).max(65_535);
const count = z.number().int().positive();
const secret = z.string().min(24, 'too short to be a generated secret');

const MIB = 1024 * 1024;

/**
 * What Postgres advises to begin with: a quarter of the machine's memory (of the container's, where it
 * has a limit), at most 2 GiB. It is taken as the tables grow, and what does not fit is read again from
 * the kernel, some ten pages for each claim.
 */
function quarterOfMemoryMb(): number {
	const limit = process.constrainedMemory();
	const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
	return Math.min(2_048, Math.max(128, Math.floor(memory / 4 / MIB)));
}

/** What `main.ts` reads (a JSON file of mode 600) and `startStore` takes. Paths are absolute. */
export const storeConfigSchema = z.strictObject({
	/** The clone; names the place of the database when root starts. */
	repo: z.string().refine(path.isAbsolute, 'must be absolute'),
	/** Data folder of the instance, `<repo>/.musekit`. */
	folder: z.string().refine(path.isAbsolute, 'must be absolute'),
	/** Name of the database server within the instance. */
	name: z
		.string()
		.regex(/^[a-z0-9-]{1,60}$/)
		.default('store'),
	/** Address of the gateway; the database never leaves 127.0.0.1. */
	listen: z.string().default('127.0.0.1'),
	/** 0 takes a free port (`gateway` only). */
	ports: z.strictObject({ gateway: port, postgres: port.min(1) }),
	keys: z.strictObject({
		service: secret.startsWith('sb_secret_'),
		anon: secret.startsWith('sb_publishable_'),
	}),
	passwords: z.strictObject({ postgres: secret, gateway: secret }),
	/** HS256 secret of user tokens and of media URLs. */
	jwtSecret: z.string().min(32),
	bucket: z.string().default(MEDIA_BUCKET),
	/** Default `<folder>/media`. */
	mediaFolder: z.string().optional(),
	/** Default `<folder>/logs`. */
	logFolder: z.string().optional(),
	/** Default `supabase/migrations`. */
	migrationsFolder: z.string().optional(),
	logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
	/** Stop when the process that started us is gone. */
	exitWithParent: z.boolean().default(true),
	limits: z
		.strictObject({
			rpcBytes: count,
			objectBytes: count,
			statementMs: count,
			requestMs: count,
			rate: z.strictObject({ requests: count, windowMs: count }),
			connections: count,
		})
		.partial()
		.default({}),
	/** For pages of the tables (`shared_buffers`), MiB. */
	memoryMb: z.number().int().min(16).default(quarterOfMemoryMb),
	/** Objects that no post names are deleted when older than this. */
	orphanAgeMs: count.default(24 * 60 * 60 * 1000),
});

export type StoreConfig = z.infer<typeof storeConfigSchema>;
export type StoreConfigInput = z.input<typeof storeConfigSchema>;

/**
 * Checks a configuration. The error names fields and never repeats a value.
 * @throws Error
 */
export function readStoreConfig(value: unknown): StoreConfig {
	const checked = storeConfigSchema.safeParse(value);
	if (checked.success) return checked.data;
	const faults = checked.error.issues.map(
		(issue) => `${issue.path.join('.') || 'config'}: ${issue.code}`,
	);
	throw new Error(
		`The store's configuration is not usable (${faults.join('; ')}). ` +
			'Delete config.json only if the data may go too; otherwise put the old one back.',
	);
}

/** True when anyone but this machine may reach the address. */
export function isOpenAddress(listen: string): boolean {
	return !['127.0.0.1', '::1', 'localhost'].includes(listen);
}
