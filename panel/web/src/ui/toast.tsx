import { CircleCheck, TriangleAlert, X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { Link } from 'react-router';
import { strings } from '../strings';

/** Where something that happened elsewhere is looked at. */
interface Place {
	to: string;
	label: string;
}

interface Message {
	id: number;
	text: string;
	place?: Place;
}

type Say = (text: string, place?: Place) => void;

const Say = createContext<Say>(() => undefined);

/**
 * Says in passing that something worked or, with a place, that something elsewhere wants a look. What
 * did not work is never a toast: it stays where it belongs.
 */
export function useToast(): Say {
	return useContext(Say);
}

let lastId = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
	const [messages, setMessages] = useState<Message[]>([]);
	const say = useCallback(
		(text: string, place?: Place) =>
			setMessages((before) => [...before.slice(-2), { id: ++lastId, text, place }]),
		[],
	);
	const drop = useMemo(
		() => (id: number) => setMessages((before) => before.filter((message) => message.id !== id)),
		[],
	);
	return (
		<Say.Provider value={say}>
			<Toast.Provider swipeDirection="down" duration={5_000}>
				{children}
				{messages.map(({ id, text, place }) => (
					<Toast.Root
						key={id}
						onOpenChange={(open) => !open && drop(id)}
						{...(place ? { duration: 12_000 } : {})}
						className="flex items-center gap-3 rounded-lg border bg-card p-3 pl-4 text-sm shadow-lg animate-in"
					>
						{place ? (
							<TriangleAlert className="size-4 shrink-0 text-warning" aria-hidden />
						) : (
							<CircleCheck className="size-4 shrink-0 text-success" aria-hidden />
						)}
						<Toast.Description className="flex-1">{text}</Toast.Description>
						{place && (
							<Toast.Action altText={place.label} asChild>
								<Link
									to={place.to}
									className="font-medium whitespace-nowrap text-accent-foreground underline underline-offset-4"
								>
									{place.label}
								</Link>
							</Toast.Action>
						)}
						<Toast.Close
							aria-label={strings.common.close}
							className="grid size-8 place-items-center rounded-md text-muted-foreground hover:bg-muted"
						>
							<X className="size-4" aria-hidden />
						</Toast.Close>
					</Toast.Root>
				))}
				<Toast.Viewport className="fixed inset-x-4 bottom-20 z-50 grid gap-2 sm:inset-x-auto sm:right-6 sm:bottom-6 sm:w-96" />
			</Toast.Provider>
		</Say.Provider>
	);
}
