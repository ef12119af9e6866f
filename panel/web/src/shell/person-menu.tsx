import { useQueryClient } from '@tanstack/react-query';
import { KeyRound, LogOut, Monitor, Moon, MonitorOff, Sun } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { SessionAnswer } from '../../../shared/api';
import { call } from '../api/client';
import { takeSession, useSend, useSession } from '../api/queries';
import { strings } from '../strings';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../ui/menu';
import { PasswordDialog } from './password-dialog';
import { useTheme } from './theme';

/** Behind the person's name: appearance, password, sign-out. */
export function PersonMenu({ trigger, side }: { trigger: ReactNode; side?: 'top' | 'bottom' }) {
	const client = useQueryClient();
	const session = useSession();
	const [theme, setTheme] = useTheme();
	const [changing, setChanging] = useState(false);
	const signOut = useSend(
		(path: '/api/sign-out' | '/api/sign-out-everywhere') => call<SessionAnswer>('POST', path),
		{ done: (answer) => takeSession(client, answer) },
	);
	return (
		<>
			<Menu trigger={trigger} side={side}>
				<MenuLabel>{strings.theme.label}</MenuLabel>
				<MenuChoice
					value={theme}
					onChange={setTheme}
					options={[
						{ value: 'system', label: strings.theme.system, icon: <Monitor aria-hidden /> },
						{ value: 'light', label: strings.theme.light, icon: <Sun aria-hidden /> },
						{ value: 'dark', label: strings.theme.dark, icon: <Moon aria-hidden /> },
					]}
				/>
				<MenuLine />
				{session.signIn === 'local' && (
					<MenuItem onSelect={() => setChanging(true)}>
						<KeyRound aria-hidden />
						{strings.menu.changePassword}
					</MenuItem>
				)}
				<MenuItem onSelect={() => signOut.mutate('/api/sign-out')}>
					<LogOut aria-hidden />
					{strings.menu.signOut}
				</MenuItem>
				<MenuItem onSelect={() => signOut.mutate('/api/sign-out-everywhere')}>
					<MonitorOff aria-hidden />
					{strings.menu.signOutEverywhere}
				</MenuItem>
			</Menu>
			<PasswordDialog open={changing} onOpenChange={setChanging} />
		</>
	);
}
