import type { AccountView } from '../../../core/store/contract';
import { valueOf } from '../connect/context';
import type { ComposeContext } from './context';
import type { ReadRow } from './import-rows';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** More accounts with handles that are alike nobody has. */
const PAGE = 200;

/** Finds the accounts that rows name; each name is asked for once. */
export class AccountFinder {
	readonly #asked = new Map<string, Promise<AccountView[]>>();

	constructor(
		private readonly context: ComposeContext,
		private readonly owner: string,
	) {}

	/** The row's account, or null after its problem was noted. */
	async find(row: ReadRow): Promise<AccountView | null> {
		if (row.account === '') return null;
		const named = await this.#named(row.account);
		const fitting = named.filter(
			({ platform }) => row.platform === null || platform === row.platform,
		);
		if (fitting.length === 1) return fitting[0];
		row.problems.push(
			fitting.length === 0
				? {
						code: 'account_unknown',
						column: 'account',
						message: `There is no account "${row.account.slice(0, 80)}"${row.platform === null ? '' : ` on ${row.platform}`} for this owner.`,
						remedy: 'Write its handle or id as the page Accounts shows it, or connect it first.',
					}
				: {
						code: 'import_account_ambiguous',
						column: 'platform',
						message: `There are ${fitting.length} accounts named "${row.account.slice(0, 80)}".`,
						remedy: 'Name the platform as well, or write the account’s id.',
					},
		);
		return null;
	}

	#named(name: string): Promise<AccountView[]> {
		const key = name.toLowerCase();
		const before = this.#asked.get(key);
		if (before !== undefined) return before;
		const asked = ID.test(name) ? this.#byId(name) : this.#byHandle(key);
		this.#asked.set(key, asked);
		return asked;
	}

	async #byId(id: string): Promise<AccountView[]> {
		const answer = await this.context.store.call('social_account_get', {
			p_account_id: id,
			p_owner: this.owner,
		});
		if (answer.kind === 'refused' && answer.refusal.code === 'account_unknown') return [];
		return [valueOf(answer)];
	}

	async #byHandle(handle: string): Promise<AccountView[]> {
		const page = valueOf(
			await this.context.store.call('social_account_list', {
				p_owner: this.owner,
				p_search: handle,
				p_limit: PAGE,
			}),
		);
		return page.items.filter((account) => account.handle.toLowerCase() === handle);
	}
}
