import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
	Feature,
	Platform,
	Tier,
	Toggle,
	ToggleState,
} from '../../../../../core/store/contract';
import { useMayChange } from '../../api/queries';
import { featureNames, featureWords as words, tierNames, toggleName } from '../../strings/features';
import { Notice } from '../../ui/notice';
import { PlatformMark, platformName } from '../../ui/platform-mark';
import { QueryState } from '../../ui/query-state';
import { Card, PageHead } from '../../ui/surface';
import { Switch } from '../../ui/switch';
import { Ago } from '../../ui/time';
import { Checks } from './check-list';
import { ModuleStatus } from './module-status';
import { featuresQuery } from './queries';
import { SwitchDialog } from './switch-dialog';

const FEATURES = Object.keys(featureNames) as Feature[];
const TIERS = Object.keys(tierNames) as Tier[];

/** Turns a switch after it was shown what it changes. */
type Turn = (toggle: Toggle, on: boolean) => void;

/** What is on, for whom, and whether it can work. */
export function Features() {
	const mayChange = useMayChange();
	const features = useQuery(featuresQuery);
	const [asked, setAsked] = useState<{ toggle: Toggle | null; on: boolean }>({
		toggle: null,
		on: false,
	});
	const turn: Turn = (toggle, on) => setAsked({ toggle, on });
	const toggles = features.data?.toggles ?? [];
	return (
		<>
			<PageHead title={words.title} lead={words.lead} />
			<div className="grid gap-8">
				<ModuleStatus details={false} />
				{!mayChange && <Notice tone="info" title={words.viewer} />}
				<QueryState query={features} />
				{features.data && (
					<>
						<Module toggles={toggles} turn={turn} />
						<Platforms toggles={toggles} turn={turn} />
						<ByTier toggles={toggles} turn={turn} />
					</>
				)}
			</div>
			<SwitchDialog
				toggle={asked.toggle}
				on={asked.on}
				close={() => setAsked({ ...asked, toggle: null })}
			/>
		</>
	);
}

const stateOf = (toggles: ToggleState[], toggle: Toggle) =>
	toggles.find((one) => one.toggle === toggle) ?? { toggle, on: true, since: null };

function Turner({ state, turn }: { state: ToggleState; turn: Turn }) {
	const mayChange = useMayChange();
	return (
		<Switch
			checked={state.on}
			label={toggleName(state.toggle)}
			disabled={!mayChange}
			onChange={(on) => turn(state.toggle, on)}
		/>
	);
}

function Since({ state }: { state: ToggleState }) {
	if (state.on || state.since === null) return null;
	return (
		<p className="text-sm text-muted-foreground">
			{words.offSince} <Ago iso={state.since} />
		</p>
	);
}

interface SectionProps {
	toggles: ToggleState[];
	turn: Turn;
}

function Module({ toggles, turn }: SectionProps) {
	const state = stateOf(toggles, 'module');
	return (
		<Card className="grid gap-3">
			<div className="flex items-start justify-between gap-4">
				<div className="grid gap-0.5">
					<h2 className="font-semibold">{words.module.title}</h2>
					<p className="max-w-2xl text-sm text-muted-foreground">{words.module.help}</p>
					<Since state={state} />
				</div>
				<Turner state={state} turn={turn} />
			</div>
			<Checks toggles={['module']} name={words.module.title} />
		</Card>
	);
}

function Platforms({ toggles, turn }: SectionProps) {
	const states = toggles.filter(({ toggle }) => toggle.startsWith('platform:'));
	return (
		<section className="grid gap-3">
			<div>
				<h2 className="text-lg font-semibold tracking-tight">{words.platforms}</h2>
				<p className="text-sm text-muted-foreground">{words.platformsHelp}</p>
			</div>
			<ul className="grid items-start gap-3 lg:grid-cols-2">
				{states.map((state) => {
					const platform = state.toggle.slice('platform:'.length) as Platform;
					return (
						<li key={state.toggle}>
							<Card className="grid gap-3">
								<div className="flex items-center gap-3">
									<PlatformMark platform={platform} />
									<div className="min-w-0 flex-1">
										<h3 className="font-medium">{platformName(platform)}</h3>
										<Since state={state} />
									</div>
									<Turner state={state} turn={turn} />
								</div>
								<Checks toggles={[state.toggle]} name={platformName(platform)} />
							</Card>
						</li>
					);
				})}
			</ul>
		</section>
	);
}

function ByTier({ toggles, turn }: SectionProps) {
	return (
		<section className="grid gap-3">
			<div>
				<h2 className="text-lg font-semibold tracking-tight">{words.features}</h2>
				<p className="text-sm text-muted-foreground">{words.featuresHelp}</p>
			</div>
			<Card className="p-0 sm:p-0">
				<ul className="divide-y">
					{FEATURES.map((feature) => (
						<FeatureRow key={feature} feature={feature} toggles={toggles} turn={turn} />
					))}
				</ul>
			</Card>
		</section>
	);
}

function FeatureRow({ feature, toggles, turn }: SectionProps & { feature: Feature }) {
	const states = TIERS.map((tier) => stateOf(toggles, `feature:${tier}:${feature}`));
	return (
		<li className="grid gap-3 p-4 sm:p-5">
			<div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
				<div className="min-w-0 flex-1 basis-64">
					<h3 className="font-medium">{featureNames[feature]}</h3>
					<p className="text-sm text-muted-foreground">{words.featureHelp[feature]}</p>
				</div>
				<div className="flex gap-6">
					{states.map((state, index) => (
						<div key={state.toggle} className="flex items-center gap-2.5">
							<span aria-hidden className="text-sm">
								{tierNames[TIERS[index]]}
							</span>
							<Turner state={state} turn={turn} />
						</div>
					))}
				</div>
			</div>
			<Checks toggles={states.map(({ toggle }) => toggle)} name={featureNames[feature]} />
		</li>
	);
}
