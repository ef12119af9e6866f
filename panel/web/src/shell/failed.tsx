import { Link } from 'react-router';
import { strings } from '../strings';
import { Button } from '../ui/button';

/** Where a page fell over, or its file is gone because the panel was updated. */
export function Failed() {
	return (
		<main className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center">
			<h1 className="text-xl font-semibold">{strings.problems.pageFailed}</h1>
			<p className="max-w-md text-muted-foreground">{strings.problems.pageFailedRemedy}</p>
			<Button className="mt-2" onClick={() => location.reload()}>
				{strings.problems.reload}
			</Button>
		</main>
	);
}

export function NotFound() {
	return (
		<main className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center">
			<title>{strings.app.title(strings.problems.notFound)}</title>
			<h1 className="text-xl font-semibold">{strings.problems.notFound}</h1>
			<p className="text-muted-foreground">{strings.problems.notFoundRemedy}</p>
			<Button asChild className="mt-2">
				<Link to="/">{strings.problems.toStart}</Link>
			</Button>
		</main>
	);
}
