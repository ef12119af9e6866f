import { cn } from './class-names';

/** One of several choices, with a sentence about it. */
export function RadioCard({
	group,
	chosen,
	choose,
	label,
	help,
}: {
	/** The name that the choices share. */
	group: string;
	chosen: boolean;
	choose: () => void;
	label: string;
	help: string;
}) {
	return (
		<label
			className={cn(
				'flex cursor-pointer items-center gap-3 rounded-lg border px-3 py-2.5',
				chosen && 'border-primary bg-accent',
			)}
		>
			<input
				type="radio"
				name={group}
				className="size-4 accent-primary"
				checked={chosen}
				onChange={choose}
			/>
			<span>
				<span className="block text-sm font-medium">{label}</span>
				<span className="block text-sm text-muted-foreground">{help}</span>
			</span>
		</label>
	);
}
