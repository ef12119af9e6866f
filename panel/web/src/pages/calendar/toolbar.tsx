import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, Globe } from 'lucide-react';
import { useState } from 'react';
import type { Platform } from '../../../../../core/store/contract';
import { strings } from '../../strings';
import { calendarStrings as words } from '../../strings/calendar';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { Dialog } from '../../ui/dialog';
import { Form } from '../../ui/form';
import { ZoneField } from '../../ui/zone-field';
import { isZone } from '../../ui/zones';
import { accountChoices } from '../posts/accounts-query';
import { offsetOf, stepped, todayIn, type View } from './days';
import { keepZone, type useCalendar } from './use-calendar';

type Shown = ReturnType<typeof useCalendar>;

const VIEWS: View[] = ['month', 'week'];

const selectLook = 'h-9 min-w-0 rounded-md border border-input bg-card px-2 text-sm';

/** Which days, in which zone, of which accounts. */
export function Toolbar({ shown }: { shown: Shown }) {
	const { view, date, span, zone, linkTo, go } = shown;
	return (
		<div className="mb-4 grid gap-3">
			<div className="flex flex-wrap items-center gap-x-4 gap-y-3">
				<div className="flex items-center gap-1">
					<Button
						look="outline"
						size="icon"
						aria-label={words.previous[view]}
						onClick={() => go(linkTo({ date: stepped(view, date, -1) }))}
					>
						<ChevronLeft aria-hidden />
					</Button>
					<Button
						look="outline"
						size="icon"
						aria-label={words.next[view]}
						onClick={() => go(linkTo({ date: stepped(view, date, 1) }))}
					>
						<ChevronRight aria-hidden />
					</Button>
					<Button look="quiet" onClick={() => go(linkTo({ date: todayIn(zone) }))}>
						{words.today}
					</Button>
				</div>
				<p aria-live="polite" className="text-lg font-semibold">
					{span.title}
				</p>
				<div
					role="group"
					aria-label={words.view}
					className="ml-auto flex rounded-lg border bg-card p-0.5"
				>
					{VIEWS.map((one) => (
						<button
							key={one}
							type="button"
							aria-pressed={one === view}
							onClick={() => go(linkTo({ view: one === 'month' ? null : one }))}
							className={cn(
								'rounded-md px-3 py-1.5 text-sm font-medium transition-colors hover:bg-muted',
								one === view && 'bg-accent text-accent-foreground hover:bg-accent',
							)}
						>
							{words[one]}
						</button>
					))}
				</div>
			</div>
			<div className="flex flex-wrap items-center gap-2">
				<ZoneButton shown={shown} />
				<Choices shown={shown} />
			</div>
		</div>
	);
}

function Choices({ shown: { filters, linkTo, go } }: { shown: Shown }) {
	const accounts = useQuery(accountChoices(filters.owner || null));
	return (
		<>
			<select
				aria-label={words.platform}
				value={filters.platform}
				className={selectLook}
				onChange={(event) => go(linkTo({ platform: event.target.value || null }))}
			>
				<option value="">{words.anyPlatform}</option>
				{(Object.keys(strings.platforms) as Platform[]).map((platform) => (
					<option key={platform} value={platform}>
						{strings.platforms[platform]}
					</option>
				))}
			</select>
			<select
				aria-label={words.account}
				value={filters.account}
				className={selectLook}
				onChange={(event) => go(linkTo({ account: event.target.value || null }))}
			>
				<option value="">{words.anyAccount}</option>
				{(accounts.data ?? []).map(({ id, handle, platform }) => (
					<option key={id} value={id}>
						@{handle} ({strings.platforms[platform] ?? platform})
					</option>
				))}
			</select>
		</>
	);
}

function ZoneButton({ shown: { zone, date, linkTo, go } }: { shown: Shown }) {
	const [open, setOpen] = useState(false);
	return (
		<>
			<Button look="outline" size="small" onClick={() => setOpen(true)}>
				<Globe aria-hidden />
				<span className="sr-only">{words.zone}: </span>
				{words.zoneButton(zone, offsetOf(zone, date))}
			</Button>
			<Dialog
				open={open}
				onOpenChange={setOpen}
				title={words.zoneTitle}
				description={words.zoneHelp}
			>
				<ZoneForm
					zone={zone}
					choose={(next) => {
						keepZone(next);
						go(linkTo({ zone: null }));
						setOpen(false);
					}}
				/>
			</Dialog>
		</>
	);
}

function ZoneForm({ zone, choose }: { zone: string; choose: (zone: string | null) => void }) {
	const [value, setValue] = useState(zone);
	const [wrong, setWrong] = useState(false);
	return (
		<Form
			onSubmit={() => {
				if (isZone(value)) choose(value);
				else setWrong(true);
			}}
		>
			<ZoneField
				label={words.zone}
				value={value}
				error={wrong ? words.zoneUnknown : null}
				onChange={setValue}
			/>
			<div className="flex flex-wrap justify-end gap-2">
				<Button look="outline" onClick={() => choose(null)}>
					{words.zoneDevice}
				</Button>
				<Button type="submit">{words.zoneSave}</Button>
			</div>
		</Form>
	);
}
