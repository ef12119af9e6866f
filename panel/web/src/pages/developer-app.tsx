import { useState } from 'react';
import type { AppCheckAnswer, AppField, ConnectorView, SaveAppRequest } from '../../../shared/api';
import { call } from '../api/client';
import { useSend } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { CopyField } from '../ui/copy-field';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { Notice, ProblemNotice } from '../ui/notice';
import { OutsideLink } from '../ui/outside-link';
import { Card } from '../ui/surface';
import { useToast } from '../ui/toast';

const words = strings.connect;

type App = NonNullable<ConnectorView['app']>;

/** The developer app of a platform: how to get it, its fields, and whether the platform accepts it. */
export function DeveloperApp({ connector, app }: { connector: ConnectorView; app: App }) {
	return (
		<Card className="grid grid-cols-[minmax(0,1fr)] gap-6">
			<h2 className="text-base font-semibold">{words.appTitle}</h2>
			{app.guide.steps.length > 0 && <Guide app={app} />}
			<CopyField label={words.redirect} value={app.redirectUri} help={words.redirectHelp} />
			{app.scopes.length > 0 && (
				<div className="grid gap-1.5">
					<h3 className="text-sm font-medium">{words.scopes}</h3>
					<ul className="flex flex-wrap gap-1.5">
						{app.scopes.map((scope) => (
							<li key={scope}>
								<code className="rounded bg-muted px-2 py-1 font-mono text-xs">{scope}</code>
							</li>
						))}
					</ul>
				</div>
			)}
			<AppForm connector={connector} app={app} />
		</Card>
	);
}

function Guide({ app }: { app: App }) {
	return (
		<details className="group rounded-lg border" open={app.clientId === null}>
			<summary className="rounded-lg px-4 py-3 text-sm font-medium">{words.guide}</summary>
			<div className="grid gap-4 px-4 pb-4">
				<ol className="grid list-decimal gap-2 pl-5 text-sm marker:text-muted-foreground">
					{app.guide.steps.map((step) => (
						<li key={step} className="pl-1 break-words">
							{step}
						</li>
					))}
				</ol>
				<div className="flex flex-wrap gap-x-6 gap-y-2 text-sm">
					<OutsideLink href={app.guide.consoleUrl}>{words.console}</OutsideLink>
					<OutsideLink href={app.guide.docsUrl}>{words.docs}</OutsideLink>
				</div>
			</div>
		</details>
	);
}

function AppForm({ connector, app }: { connector: ConnectorView; app: App }) {
	const say = useToast();
	const base = `/api/connectors/${encodeURIComponent(connector.id)}`;
	const mode = new URLSearchParams({ mode: connector.mode });
	const [values, setValues] = useState<Record<AppField['name'], string>>({
		clientId: app.clientId ?? '',
		clientSecret: '',
	});
	const check = useSend(() => call<AppCheckAnswer>('POST', `${base}/check?${mode}`));
	const save = useSend(
		(body: SaveAppRequest) => call<unknown>('PUT', `${base}/app?${mode}`, body),
		{
			changes: ['connectors'],
			done: () => {
				say(words.saved);
				setValues((now) => ({ ...now, clientSecret: '' }));
			},
		},
	);
	const { problem, errorOf } = save;
	return (
		<Form
			onSubmit={() => {
				check.reset();
				save.mutate({
					clientId: values.clientId.trim(),
					...(values.clientSecret === '' ? {} : { clientSecret: values.clientSecret.trim() }),
				});
			}}
		>
			{app.fields.map((field) => (
				<Field
					key={field.name}
					label={field.label}
					optional={!field.required}
					help={field.secret && app.hasSecret ? `${strings.connect.secretKept}` : field.help}
					type={field.secret ? 'password' : 'text'}
					autoComplete="off"
					data-1p-ignore
					value={values[field.name]}
					error={errorOf(field.name)}
					onChange={(event) => setValues({ ...values, [field.name]: event.target.value })}
				/>
			))}
			{problem && !['clientId', 'clientSecret'].includes(problem.field ?? '') && (
				<ProblemNotice problem={problem} />
			)}
			<div className="flex flex-wrap gap-2">
				<Button type="submit" busy={save.isPending}>
					{words.save}
				</Button>
				<Button
					look="outline"
					busy={check.isPending}
					disabled={app.clientId === null}
					onClick={() => check.mutate(undefined)}
				>
					{check.isPending ? words.checking : words.check}
				</Button>
			</div>
			{check.problem && <ProblemNotice problem={check.problem} />}
			{check.data && <Findings answer={check.data} />}
		</Form>
	);
}

function Findings({ answer }: { answer: AppCheckAnswer }) {
	if (answer.ok && answer.findings.length === 0) {
		return <Notice tone="success" title={words.checkOk} live />;
	}
	return (
		<Notice
			tone={answer.ok ? 'info' : 'warning'}
			title={words.findings(answer.findings.length)}
			live
		>
			<ul className="grid gap-2">
				{answer.findings.map((finding) => (
					<li key={finding.code + finding.message}>
						<span className="font-medium">{finding.message}</span> {finding.remedy}
					</li>
				))}
			</ul>
		</Notice>
	);
}
