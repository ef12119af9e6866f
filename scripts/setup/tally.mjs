/**
 * Counts of a command: what passed, what failed, what was skipped and why. Every command that checks
 * something ends with `line()`, so that `.ci/run` can add them up.
 */
export class Tally {
	passed = 0;
	failed = 0;
	skipped = 0;

	add({ passed = 0, failed = 0, skipped = 0 }) {
		this.passed += passed;
		this.failed += failed;
		this.skipped += skipped;
		return this;
	}

	line() {
		return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
	}

	/** Prints the line as the last one; answers the exit code. */
	finish() {
		process.stdout.write(`${this.line()}\n`);
		return this.failed > 0 || this.passed === 0 ? 1 : 0;
	}
}
