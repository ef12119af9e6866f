import sharp from 'sharp';
import { systemAccess, type SystemAccess } from './access';
import { connectAccount, type ConnectedAccount } from './accounts';
import { N8nClient, type Execution, type Workflow, type WorkflowDraft } from './n8n-client';
import { SandboxClient } from './sandbox-client';
import { StoreClient } from './store-client';

/** The running system through the eyes of a test file. */
export interface System {
	access: SystemAccess;
	n8n: N8nClient;
	store: StoreClient;
	sandbox: SandboxClient;
	connect(wanted: Parameters<typeof connectAccount>[1]): Promise<ConnectedAccount>;
	/** Creates a workflow and publishes it. */
	install(draft: WorkflowDraft): Promise<Workflow>;
	/** Calls the webhook with JSON, waits for the end of the execution, and answers it. */
	run(workflow: Workflow, body: unknown): Promise<Execution>;
}

export async function openSystem(): Promise<System> {
	const access = systemAccess();
	const n8n = await N8nClient.signIn(access.n8n);
	const store = new StoreClient(access.store);
	const sandbox = new SandboxClient(access.sandboxUrl);
	return {
		access,
		n8n,
		store,
		sandbox,
		connect: async (wanted) =>
			await connectAccount({ sandbox, store, vaultKey: access.vaultKey }, wanted),
		install: async (draft) => {
			const workflow = await n8n.createWorkflow(draft);
			await n8n.activate(workflow.id);
			return workflow;
		},
		run: async (workflow, body) => {
			const known = (await n8n.executions(workflow.id)).map(({ id }) => id);
			await n8n.callWebhook(webhookPath(workflow), {
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
			return await n8n.finished(await n8n.newExecution(workflow.id, known));
		},
	};
}

/** Path of the workflow's webhook trigger. */
export function webhookPath(workflow: WorkflowDraft): string {
	const trigger = workflow.nodes.find(({ type }) => type === 'n8n-nodes-base.webhook');
	return String(trigger?.parameters.path);
}

/** A JPEG that every platform takes, of its own colour and so of its own hash. */
export async function makeImage(seed: number): Promise<Buffer> {
	const channel = (shift: number) => (Math.imul(seed + 1, 2654435761) >>> shift) & 0xff;
	return await sharp({
		create: {
			width: 1080,
			height: 1080,
			channels: 3,
			background: { r: channel(0), g: channel(8), b: channel(16) },
		},
	})
		.jpeg()
		.toBuffer();
}
