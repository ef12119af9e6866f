import { Check, Copy } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { strings } from '../strings';
import { Button } from './button';

/** A value to be copied elsewhere exactly as it is. */
export function CopyField({ label, value, help }: { label: string; value: string; help?: string }) {
	const id = useId();
	const [copied, setCopied] = useState(false);
	useEffect(() => {
		if (!copied) return;
		const timer = setTimeout(() => setCopied(false), 2_000);
		return () => clearTimeout(timer);
	}, [copied]);
	return (
		<div className="grid gap-1.5">
			<label htmlFor={id} className="text-sm font-medium">
				{label}
			</label>
			<div className="flex gap-2">
				<input
					id={id}
					readOnly
					value={value}
					onFocus={(event) => event.currentTarget.select()}
					className="h-11 min-w-0 flex-1 rounded-md border bg-muted px-3 font-mono text-sm"
					aria-describedby={help ? `${id}-help` : undefined}
				/>
				<Button
					look="outline"
					className="h-11"
					onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
				>
					{copied ? <Check aria-hidden /> : <Copy aria-hidden />}
					<span aria-live="polite">{copied ? strings.common.copied : strings.common.copy}</span>
				</Button>
			</div>
			{help && (
				<p id={`${id}-help`} className="text-sm text-muted-foreground">
					{help}
				</p>
			)}
		</div>
	);
}
