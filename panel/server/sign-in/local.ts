import type { Store } from '../../../core/store/client';
import { storeProblem } from '../problem';
import { passwordFits } from './passwords';
import type { AuthProvider } from './provider';

/** People of the panel's own table. */
export function localProvider(store: Store): AuthProvider {
	return {
		kind: 'local',
		signIn: async (name, password) => {
			const found = await store.call('social_panel_user_find', { p_name: name });
			if (found.kind !== 'ok') return { kind: 'problem', ...storeProblem(found) };
			const user = found.value;
			if (!(await passwordFits(password, user?.passwordHash ?? null)) || user === null) {
				return { kind: 'wrong' };
			}
			return {
				kind: 'ok',
				person: { userId: `local:${user.id}`, name: user.name, role: user.role },
			};
		},
		roleNow: null,
	};
}
