const startedAt = Date.now();

/** Prints one line of progress with the seconds since the command began. Goes to stdout. */
export function say(text) {
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(0).padStart(4);
	process.stdout.write(`[${seconds}s] ${text}\n`);
}

/**
 * Announces a step, runs it, and says how long it took; while it runs, one line every 30 s shows
 * that it is alive.
 */
export async function step(title, work) {
	say(`${title} …`);
	const began = Date.now();
	const alive = setInterval(() => {
		say(`  still working on it (${Math.round((Date.now() - began) / 1000)} s): ${title}`);
	}, 30_000);
	try {
		const result = await work();
		say(`${title}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
		return result;
	} finally {
		clearInterval(alive);
	}
}
