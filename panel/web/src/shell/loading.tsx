import { strings } from '../strings';

/** While the session and the first page are on their way. */
export function Loading() {
	return (
		<main className="grid min-h-dvh place-items-center" aria-busy>
			<p role="status" className="text-muted-foreground">
				{strings.app.loading} …
			</p>
		</main>
	);
}
