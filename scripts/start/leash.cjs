/**
 * Preloaded into each part: when the process that started it is gone, however that went, the part
 * ends too, in order if it can and by force after a while.
 */
if (process.channel) {
	process.channel.unref();
	process.once('disconnect', () => {
		setTimeout(() => process.kill(process.pid, 'SIGKILL'), 25_000).unref();
		process.kill(process.pid, 'SIGTERM');
	});
}
