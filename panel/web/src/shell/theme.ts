import { useEffect, useState } from 'react';

export type Theme = 'light' | 'dark' | 'system';

const KEY = 'musekit-theme';
const prefersDark = () => matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme {
	const stored = localStorage.getItem(KEY);
	return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function apply(theme: Theme): void {
	const dark = theme === 'dark' || (theme === 'system' && prefersDark().matches);
	document.documentElement.classList.toggle('dark', dark);
}

/** On every page, signed in or not: `system` follows the device while the page shows. */
export function useDeviceTheme(): void {
	useEffect(() => {
		const query = prefersDark();
		const follow = () => apply(chosen());
		query.addEventListener('change', follow);
		return () => query.removeEventListener('change', follow);
	}, []);
}

/** The chosen appearance, and how another one is chosen. */
export function useTheme(): [Theme, (theme: Theme) => void] {
	const [theme, setTheme] = useState(chosen);
	return [
		theme,
		(next) => {
			if (next === 'system') localStorage.removeItem(KEY);
			else localStorage.setItem(KEY, next);
			apply(next);
			setTheme(next);
		},
	];
}
