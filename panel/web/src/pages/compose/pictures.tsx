import { ArrowLeft, ArrowRight, ImagePlus, Trash2, X } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { PICTURES_MAX } from '../../../../shared/compose';
import { composeStrings } from '../../strings/compose';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { Field } from '../../ui/field';
import { ProblemNotice } from '../../ui/notice';
import { Card } from '../../ui/surface';
import { pictureAddress } from './upload';
import type { Uploads } from './use-uploads';
import type { ChosenPicture } from './wish';

const words = composeStrings.pictures;

/** Pictures of the post: add by file, by dropping or pasting, describe, order and remove. */
export function Pictures({
	owner,
	pictures,
	onChange,
	uploads,
}: {
	owner: string;
	pictures: ChosenPicture[];
	onChange: (pictures: ChosenPicture[]) => void;
	uploads: Uploads;
}) {
	const input = useRef<HTMLInputElement>(null);
	const [over, setOver] = useState(false);
	const [said, setSaid] = useState('');
	const drop = (event: DragEvent) => {
		event.preventDefault();
		setOver(false);
		uploads.add([...event.dataTransfer.files]);
	};
	const move = (from: number, to: number) => {
		const next = [...pictures];
		next.splice(to, 0, ...next.splice(from, 1));
		onChange(next);
		setSaid(words.moved(to + 1));
	};
	return (
		<Card
			className={cn('grid gap-4', over && 'border-primary bg-accent')}
			onDragOver={(event) => {
				if (!event.dataTransfer.types.includes('Files')) return;
				event.preventDefault();
				setOver(true);
			}}
			onDragLeave={() => setOver(false)}
			onDrop={drop}
		>
			<div className="flex flex-wrap items-center justify-between gap-3">
				<div className="grid gap-0.5">
					<h2 className="text-base font-semibold">{words.legend}</h2>
					<p className="text-sm text-muted-foreground">{over ? words.drop : words.help}</p>
				</div>
				<Button
					look="outline"
					size="small"
					disabled={pictures.length + uploads.running.length >= PICTURES_MAX}
					onClick={() => input.current?.click()}
				>
					<ImagePlus aria-hidden />
					{words.add}
				</Button>
				<input
					ref={input}
					type="file"
					multiple
					hidden
					data-testid="pictures"
					accept="image/jpeg,image/png,image/gif,image/webp"
					onChange={(event) => {
						uploads.add([...(event.target.files ?? [])]);
						event.target.value = '';
					}}
				/>
			</div>
			<span role="status" className="sr-only">
				{said}
			</span>
			{pictures.length > 0 && (
				<ol className="grid gap-4 sm:grid-cols-2">
					{pictures.map((picture, place) => (
						<li key={picture.media.hash} className="grid min-w-0 gap-2.5 rounded-lg border p-3">
							<img
								src={pictureAddress(picture.media.hash, owner)}
								alt={picture.altText || words.picture(place + 1)}
								className="h-40 w-full rounded-md bg-muted object-contain"
							/>
							<div className="flex items-center gap-1">
								<span className="flex-1 text-sm text-muted-foreground tabular-nums">
									{picture.media.width} × {picture.media.height}
								</span>
								<Button
									look="quiet"
									size="icon"
									aria-label={words.earlier(place + 1)}
									disabled={place === 0}
									onClick={() => move(place, place - 1)}
								>
									<ArrowLeft aria-hidden />
								</Button>
								<Button
									look="quiet"
									size="icon"
									aria-label={words.later(place + 1)}
									disabled={place === pictures.length - 1}
									onClick={() => move(place, place + 1)}
								>
									<ArrowRight aria-hidden />
								</Button>
								<Button
									look="quiet"
									size="icon"
									aria-label={words.remove(place + 1)}
									onClick={() => onChange(pictures.filter((_, other) => other !== place))}
								>
									<Trash2 aria-hidden />
								</Button>
							</div>
							<Field
								label={words.alt(place + 1)}
								help={words.altHelp}
								value={picture.altText}
								spellCheck
								onChange={(event) =>
									onChange(
										pictures.map((one, other) =>
											other === place ? { ...one, altText: event.target.value } : one,
										),
									)
								}
							/>
						</li>
					))}
				</ol>
			)}
			<Running uploads={uploads} />
		</Card>
	);
}

/** Uploads on their way, and those that did not succeed. */
function Running({ uploads }: { uploads: Uploads }) {
	return (
		<>
			{uploads.running.length > 0 && (
				<ul className="grid gap-2">
					{uploads.running.map(({ id, name, share }) => (
						<li key={id} className="flex items-center gap-3 text-sm">
							<span className="min-w-0 flex-1 truncate">{name}</span>
							<progress
								aria-label={words.uploading(name)}
								max={1}
								value={share}
								className="h-2 w-28 accent-primary"
							/>
							<Button
								look="quiet"
								size="icon"
								aria-label={words.cancel(name)}
								onClick={() => uploads.cancel(id)}
							>
								<X aria-hidden />
							</Button>
						</li>
					))}
				</ul>
			)}
			{uploads.failed.map(({ id, name, problem, again }) => (
				<ProblemNotice
					key={id}
					problem={{ ...problem, message: `${name}: ${problem.message}` }}
					action={
						<span className="flex gap-2 text-foreground">
							{again && (
								<Button look="outline" size="small" onClick={again}>
									{words.again}
								</Button>
							)}
							<Button
								look="outline"
								size="small"
								aria-label={words.dismiss(name)}
								onClick={() => uploads.dismiss(id)}
							>
								<X aria-hidden />
							</Button>
						</span>
					}
				/>
			))}
		</>
	);
}
