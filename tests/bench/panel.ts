import type { Metric, Scale } from './metric';
import { answers } from './panel-answers';
import { pages } from './panel-pages';
import { posts } from './panel-posts';

/** The control panel: what a browser has to load, how fast the API answers, and with how many posts. */
export async function panel(scale: Scale): Promise<Metric[]> {
	return [...(await pages(scale)), ...(await answers(scale)), ...(await posts(scale))];
}
