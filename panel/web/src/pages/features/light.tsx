import { CircleCheck, CircleMinus, CircleX, TriangleAlert } from 'lucide-react';
import type { Light } from '../../../../shared/features';
import { cn } from '../../ui/class-names';
import { featureWords as words } from '../../strings/features';

export const LIGHTS = {
	green: { icon: CircleCheck, text: 'text-success', soft: 'bg-success-soft' },
	amber: { icon: TriangleAlert, text: 'text-warning', soft: 'bg-warning-soft' },
	red: { icon: CircleX, text: 'text-danger', soft: 'bg-danger-soft' },
	off: { icon: CircleMinus, text: 'text-muted-foreground', soft: 'bg-muted' },
} satisfies Record<Light, unknown>;

/** Colour, sign and word, so that none of them is needed alone. */
export function LightBadge({ light }: { light: Light }) {
	const { icon: Icon, text, soft } = LIGHTS[light];
	return (
		<span
			className={cn(
				'inline-flex items-center gap-1 rounded-full py-0.5 pr-2.5 pl-1.5 text-xs font-medium whitespace-nowrap',
				soft,
				light === 'off' ? 'text-foreground' : text,
			)}
		>
			<Icon className="size-3.5" aria-hidden />
			{words.lights[light]}
		</span>
	);
}
