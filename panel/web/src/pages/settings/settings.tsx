import { useQuery } from '@tanstack/react-query';
import type { ComponentType } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { SettingsAnswer } from '../../../../shared/settings';
import { useMayChange } from '../../api/queries';
import { settingsWords as words } from '../../strings/settings';
import { cn } from '../../ui/class-names';
import { Notice } from '../../ui/notice';
import { QueryState } from '../../ui/query-state';
import { PageHead } from '../../ui/surface';
import { Caps } from './caps';
import { Keys } from './keys';
import { Owners } from './owners';
import { settingsQuery } from './queries';
import { Timing } from './timing';
import { Zone } from './zone';

type Tab = keyof typeof words.tabs;

/** Those that need the settings get them; the others load what they show. */
const FORMS: Partial<Record<Tab, ComponentType<{ settings: SettingsAnswer }>>> = {
	caps: Caps,
	timing: Timing,
	zone: Zone,
};
const LISTS: Partial<Record<Tab, ComponentType>> = { keys: Keys, owners: Owners };
const TABS = Object.keys(words.tabs) as Tab[];

/** Settings by subject; each has an address of its own. */
export function Settings() {
	const mayChange = useMayChange();
	const [search] = useSearchParams();
	const asked = search.get('tab');
	const tabs = TABS.filter((tab) => mayChange || !(tab in LISTS));
	const tab = tabs.find((one) => one === asked) ?? tabs[0];
	const List = LISTS[tab];
	return (
		<>
			<PageHead title={words.title} lead={words.lead} />
			<div className="grid gap-6">
				<nav aria-label={words.sections} className="-mx-4 overflow-x-auto px-4 sm:mx-0 sm:px-0">
					<ul className="flex min-w-max gap-1 border-b">
						{tabs.map((one) => (
							<li key={one}>
								<Link
									to={`?tab=${one}`}
									replace
									preventScrollReset
									aria-current={one === tab ? 'page' : undefined}
									className={cn(
										'-mb-px block border-b-2 border-transparent px-3 py-2.5 text-sm font-medium text-muted-foreground transition-colors hover:text-foreground',
										one === tab && 'border-primary text-foreground',
									)}
								>
									{words.tabs[one]}
								</Link>
							</li>
						))}
					</ul>
				</nav>
				{!mayChange && <Notice tone="info" title={words.viewer} />}
				<section aria-label={words.tabs[tab]} className="max-w-3xl">
					<h2 className="sr-only">{words.tabs[tab]}</h2>
					{List ? <List /> : <Loaded tab={tab} />}
				</section>
			</div>
		</>
	);
}

function Loaded({ tab }: { tab: Tab }) {
	const settings = useQuery(settingsQuery);
	const Form = FORMS[tab];
	if (!settings.data) return <QueryState query={settings} />;
	return Form ? <Form settings={settings.data} /> : null;
}
