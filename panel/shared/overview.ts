/** What the overview says: `GET /api/overview?owner=`. */
import type { HomeView, KpiCounts } from '../../core/store/contract';

export interface OverviewAnswer extends Omit<HomeView, 'storeNow'> {
	/** Today and the six days before in UTC, and the seven days before those. */
	week: KpiCounts;
	weekBefore: KpiCounts;
	/** How long the store took to answer the panel, ms. */
	storeMs: number;
	asOf: string;
}
