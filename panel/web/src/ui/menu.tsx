import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from './class-names';

const itemLook =
	'flex cursor-default items-center gap-2.5 rounded-md px-2.5 py-2 text-sm outline-none select-none data-highlighted:bg-muted data-disabled:opacity-60 [&_svg]:size-4 [&_svg]:text-muted-foreground';

/** A menu behind a button. It stays in its place of the page, so that it belongs to the same landmark. */
export function Menu({
	trigger,
	children,
	side = 'bottom',
}: {
	trigger: ReactNode;
	children: ReactNode;
	side?: 'top' | 'bottom';
}) {
	return (
		<DropdownMenu.Root modal={false}>
			<DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
			<DropdownMenu.Content
				align="end"
				side={side}
				sideOffset={6}
				collisionPadding={8}
				className="z-30 min-w-48 rounded-lg border bg-card p-1 shadow-lg animate-in"
			>
				{children}
			</DropdownMenu.Content>
		</DropdownMenu.Root>
	);
}

export function MenuItem({
	children,
	onSelect,
	danger = false,
}: {
	children: ReactNode;
	onSelect: () => void;
	danger?: boolean;
}) {
	return (
		<DropdownMenu.Item
			onSelect={onSelect}
			className={cn(itemLook, danger && 'text-danger [&_svg]:text-danger')}
		>
			{children}
		</DropdownMenu.Item>
	);
}

export function MenuLabel({ children }: { children: ReactNode }) {
	return (
		<DropdownMenu.Label className="px-2.5 py-1.5 text-xs font-medium text-muted-foreground">
			{children}
		</DropdownMenu.Label>
	);
}

export function MenuLine() {
	return <DropdownMenu.Separator className="my-1 h-px bg-border" />;
}

/** One of several; the chosen one is marked. */
export function MenuChoice<Value extends string>({
	value,
	options,
	onChange,
}: {
	value: Value;
	options: { value: Value; label: string; icon: ReactNode }[];
	onChange: (value: Value) => void;
}) {
	return (
		<DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)}>
			{options.map((option) => (
				<DropdownMenu.RadioItem
					key={option.value}
					value={option.value}
					className={cn(
						itemLook,
						'data-[state=checked]:font-medium data-[state=checked]:bg-accent data-[state=checked]:text-accent-foreground',
					)}
				>
					{option.icon}
					{option.label}
				</DropdownMenu.RadioItem>
			))}
		</DropdownMenu.RadioGroup>
	);
}
