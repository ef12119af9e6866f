import { wizardWords as words } from '../../strings/wizard';
import still from './first-steps.png';
import clip from './first-steps.webp';

/** The steps in a few seconds, drawn by the test of this page. Without motion it is one picture. */
export function Clip() {
	return (
		<picture>
			<source srcSet={still} media="(prefers-reduced-motion: reduce)" />
			<img
				src={clip}
				alt={words.clip}
				width={960}
				height={600}
				loading="lazy"
				className="h-auto w-full rounded-lg border"
			/>
		</picture>
	);
}
