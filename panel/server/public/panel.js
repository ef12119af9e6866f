(() => {
	'use strict';
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const clock = new Intl.DateTimeFormat(undefined, {
		dateStyle: 'medium',
		timeStyle: 'medium',
	});

	/** Puts the viewer's own time before each UTC time, once. */
	function addLocalTimes(root) {
		for (const element of root.querySelectorAll('time[datetime]:not([data-local])')) {
			const at = new Date(element.dateTime);
			element.dataset.local = 'yes';
			element.textContent = `${clock.format(at)} (${element.textContent})`;
		}
	}

	const zoneNote = document.getElementById('zone');
	if (zoneNote) zoneNote.textContent = `Times in ${zone}, UTC in brackets`;
	addLocalTimes(document);

	const offline = document.getElementById('offline');

	/** Fetches this page again and shows its live part, unless somebody is reading with the keyboard. */
	async function refresh() {
		const live = document.getElementById('live');
		if (!live) return;
		try {
			const answer = await fetch(location.href, {
				headers: { accept: 'text/html' },
				signal: AbortSignal.timeout(10_000),
			});
			const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
			const fresh = page.getElementById('live');
			if (fresh && !live.contains(document.activeElement)) {
				addLocalTimes(fresh);
				live.replaceWith(document.adoptNode(fresh));
			}
			offline.hidden = true;
		} catch {
			offline.hidden = false;
		}
	}

	function again() {
		const wait = Number(document.getElementById('live')?.dataset.refreshMs ?? 5000);
		setTimeout(async () => {
			if (document.visibilityState === 'visible') await refresh();
			again();
		}, wait);
	}
	again();
})();
