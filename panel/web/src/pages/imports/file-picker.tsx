import { FileSpreadsheet, FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { COLUMNS, ROWS_MAX } from '../../../../shared/imports';
import { composeStrings } from '../../strings/compose';
import { importStrings } from '../../strings/imports';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { Notice } from '../../ui/notice';
import { Card } from '../../ui/surface';
import { ZoneField } from '../../ui/zone-field';
import { isZone } from '../../ui/zones';
import { saveAs } from './save-as';
import { type ReadFile, toCsv } from './read-file';

const words = importStrings.file;

const TEMPLATE = [
	[...COLUMNS],
	['your-handle', 'x', 'A post at its time', '2031-12-24 18:30', 'Europe/Berlin', '', ''],
	[
		'your-handle',
		'linkedin',
		'A draft with a picture',
		'',
		'',
		'https://example.com/picture.jpg',
		'What the picture shows',
	],
];

/** Where a file is chosen, and what it has to look like. */
export function FilePicker({
	file,
	busy,
	timeZone,
	onTimeZone,
	onChoose,
}: {
	file: ReadFile | null;
	busy: boolean;
	timeZone: string;
	onTimeZone: (timeZone: string) => void;
	onChoose: (file: File) => void;
}) {
	const input = useRef<HTMLInputElement>(null);
	const [over, setOver] = useState(false);
	return (
		<Card
			className={cn('grid gap-5', over && 'border-primary bg-accent')}
			onDragOver={(event) => {
				event.preventDefault();
				setOver(true);
			}}
			onDragLeave={() => setOver(false)}
			onDrop={(event) => {
				event.preventDefault();
				setOver(false);
				const [dropped] = event.dataTransfer.files;
				if (dropped) onChoose(dropped);
			}}
		>
			<div className="flex flex-wrap items-center gap-x-4 gap-y-3">
				<div className="grid min-w-0 flex-1 gap-0.5">
					<h2 className="text-base font-semibold">{words.title}</h2>
					<p className="flex items-center gap-2 text-sm text-muted-foreground">
						{file && <FileSpreadsheet className="size-4 shrink-0" aria-hidden />}
						<span className="min-w-0 wrap-anywhere">
							{file ? file.name : words.limit(ROWS_MAX.toLocaleString())}
						</span>
					</p>
				</div>
				<Button
					look={file ? 'outline' : 'primary'}
					busy={busy}
					onClick={() => input.current?.click()}
				>
					<FileUp aria-hidden />
					{busy ? words.reading : file ? words.another : words.choose}
				</Button>
				<input
					ref={input}
					type="file"
					hidden
					data-testid="csv"
					accept=".csv,text/csv,text/tab-separated-values,.tsv,.txt"
					onChange={(event) => {
						const [chosen] = event.target.files ?? [];
						event.target.value = '';
						if (chosen) onChoose(chosen);
					}}
				/>
			</div>
			{file && file.ignored.length > 0 && (
				<Notice tone="info" title={words.ignored(file.ignored.join(', '))} />
			)}
			<div className="grid gap-4 sm:max-w-sm">
				<ZoneField
					label={words.zone}
					value={timeZone}
					error={isZone(timeZone) ? null : composeStrings.when.zoneUnknown}
					onChange={onTimeZone}
				/>
			</div>
			{!file && (
				<div className="grid gap-3 border-t pt-4">
					<div className="flex flex-wrap items-center justify-between gap-3">
						<h3 className="text-sm font-medium">{words.columns}</h3>
						<Button
							look="outline"
							size="small"
							onClick={() => saveAs('posts-template.csv', toCsv(TEMPLATE))}
						>
							{words.template}
						</Button>
					</div>
					<dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[max-content_1fr]">
						{COLUMNS.map((column) => (
							<div key={column} className="grid gap-0.5 sm:contents">
								<dt className="font-mono text-[0.8125rem]">{importStrings.columns[column][0]}</dt>
								<dd className="text-muted-foreground">{importStrings.columns[column][1]}</dd>
							</div>
						))}
					</dl>
				</div>
			)}
		</Card>
	);
}
