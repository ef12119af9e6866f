import { createRequire } from 'node:module';
import { join } from 'node:path';
import type {
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	INodeType,
	IRun,
	IRunExecutionData,
	IWorkflowSettings,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import { deferred } from './deferred';
import { n8nModules } from './n8n-folder';

/** What the tests use of n8n-core; it is loaded from n8n's own folder, never a copy of ours. */
interface Core {
	PackageDirectoryLoader: new (folder: string) => Loader;
	ExecutionLifecycleHooks: new (mode: string, id: string, workflow: { id: string }) => Hooks;
	WorkflowExecute: new (
		additionalData: unknown,
		mode: WorkflowExecuteMode,
		data?: IRunExecutionData,
	) => { processRunExecutionData(workflow: unknown): Cancelable };
	LoadOptionsContext: new (
		workflow: unknown,
		node: INode,
		additionalData: unknown,
		path: string,
	) => unknown;
}

interface Loader {
	loadAll(): Promise<void>;
	getNode(name: string): { type: INodeType };
	getCredential(name: string): { type: CredentialType };
}

interface CredentialType {
	authenticate: { properties: { headers: Record<string, string> } };
}

interface Hooks {
	addHandler(name: 'workflowExecuteAfter', handler: (run: IRun) => void): void;
}

interface Cancelable extends Promise<IRun> {
	cancel(): void;
}

interface WorkflowLike {
	getNode(name: string): INode;
	expression: {
		acquireIsolate(): Promise<void>;
		releaseIsolate(): Promise<void>;
		getSimpleParameterValue(node: INode, value: string, mode: string, keys: IDataObject): unknown;
	};
}

interface WorkflowModule {
	Workflow: new (parameters: object) => WorkflowLike;
	NodeHelpers: { getVersionedNodeType(type: INodeType, version?: number): INodeType };
	createRunExecutionData(data: object): IRunExecutionData;
}

/** The credential the node gets; its keys are made up. */
export interface TestCredential {
	url: string;
	secretKey: string;
	vaultKey: string;
	companionUrl?: string;
}

export interface RunOptions {
	parameters: IDataObject;
	items?: INodeExecutionData[];
	mode?: WorkflowExecuteMode;
	settings?: IWorkflowSettings & { timezone?: string };
	/** More fields of the node, such as `retryOnFail`, `onError`. */
	node?: Partial<INode>;
	credential?: TestCredential;
	/** Which node of the pack; Social Post unless named. */
	type?: NodeName;
	/** Further credentials of the node by their type, such as the door of a sign-in. */
	doors?: Record<string, IDataObject>;
	/** Data of an earlier run of this workflow, as n8n's Retry takes it up again. */
	resume?: IRunExecutionData;
	/** Called with the way to press Stop as soon as the run has begun. */
	onStart?: (stop: () => void) => void;
}

export interface RunOutcome {
	run: IRun;
	/** First output of the node, or undefined when it failed. */
	output: INodeExecutionData[] | undefined;
	/** The node's error as n8n shows it. */
	error: { message: string; description?: string | null; context?: IDataObject } | undefined;
}

/** Nodes of the pack; in a workflow each bears its display name. */
const NAMES = { socialPost: 'Social Post', socialAccount: 'Social Account' } as const;
type NodeName = keyof typeof NAMES;

const NODE = NAMES.socialPost;
const START = 'Start';

/** Answers for "what started the workflow"; passes its items on. */
class StartNode {
	description = {
		displayName: START,
		name: 'start',
		group: ['trigger'],
		version: 1,
		description: '',
		defaults: { name: START },
		inputs: [],
		outputs: ['main'],
		properties: [],
	};

	async execute(this: { getInputData(): INodeExecutionData[] }) {
		return [this.getInputData()];
	}
}

/** A node without parameters of its own that has the credential. */
const PROBE = {
	displayName: NODE,
	name: 'socialPost',
	group: ['output'],
	version: 1,
	description: '',
	defaults: { name: NODE },
	inputs: ['main'],
	outputs: ['main'],
	credentials: [{ name: 'museKitSocialApi', required: true }],
	properties: [],
};

/** Runs the built node in n8n's own engine. */
export class Engine {
	private constructor(
		private readonly core: Core,
		private readonly workflowModule: WorkflowModule,
		private readonly loader: Loader,
		private readonly credentialType: CredentialType,
	) {}

	static async load(packFolder: string): Promise<Engine> {
		const fromN8n = createRequire(join(n8nModules(), 'n8n-core', 'package.json'));
		fromN8n('reflect-metadata');
		const core = fromN8n('n8n-core') as Core;
		const workflowModule = fromN8n('n8n-workflow') as WorkflowModule;
		const loader = new core.PackageDirectoryLoader(packFolder);
		await loader.loadAll();
		const { type } = loader.getCredential('museKitSocialApi');
		return new Engine(core, workflowModule, loader, type);
	}

	get nodeType(): INodeType {
		return this.loader.getNode('socialPost').type;
	}

	/** One execution: Start → the node. Resolves when n8n calls the execution finished. */
	async run(
		options: RunOptions,
		nodeType = this.loader.getNode(options.type ?? 'socialPost').type,
	): Promise<RunOutcome> {
		const workflow = this.workflow(options, nodeType);
		const hooks = new this.core.ExecutionLifecycleHooks(options.mode ?? 'trigger', '1', {
			id: 'engine-test',
		});
		const finished = deferred<IRun>();
		hooks.addHandler('workflowExecuteAfter', (run) => finished.resolve(run));
		const data =
			options.resume ??
			this.workflowModule.createRunExecutionData({
				executionData: {
					nodeExecutionStack: [
						{
							node: workflow.getNode(START),
							data: { main: [options.items ?? [{ json: {} }]] },
							source: null,
						},
					],
				},
			});
		const execution = new this.core.WorkflowExecute(
			this.additionalData(options, hooks),
			options.mode ?? 'trigger',
			data,
		);
		const running = execution.processRunExecutionData(workflow);
		options.onStart?.(() => running.cancel());
		const run = await finished.promise;
		const task = run.data.resultData.runData[NAMES[options.type ?? 'socialPost']]?.at(-1);
		return {
			run,
			output: task?.data?.main[0] ?? undefined,
			error: (task?.error ?? run.data.resultData.error) as RunOutcome['error'],
		};
	}

	/** Runs `work` as the body of a node, with the context that n8n gives to `execute`. */
	async inside<T>(
		work: (context: IExecuteFunctions) => Promise<T>,
		options: Omit<RunOptions, 'parameters'> = {},
	): Promise<T> {
		const result = deferred<T>();
		const probe = {
			description: PROBE,
			async execute(this: IExecuteFunctions) {
				await work(this).then(result.resolve, result.reject);
				return [[]];
			},
		} as unknown as INodeType;
		await this.run({ ...options, parameters: {} }, probe);
		return await result.promise;
	}

	/** The context in which the editor asks for the list of accounts. */
	async editorList(
		options: Pick<RunOptions, 'parameters' | 'credential'>,
		list: { filter?: string; token?: string },
	) {
		const workflow = this.workflow(options);
		const context = new this.core.LoadOptionsContext(
			workflow,
			workflow.getNode(NODE),
			{ ...this.additionalData(options), currentNodeParameters: options.parameters },
			'',
		);
		const search = this.nodeType.methods?.listSearch?.searchAccounts;
		if (!search) throw new Error('The node has no list search');
		await workflow.expression.acquireIsolate();
		try {
			return await search.call(context as never, list.filter, list.token);
		} finally {
			await workflow.expression.releaseIsolate();
		}
	}

	private workflow(
		options: Pick<RunOptions, 'parameters' | 'node' | 'settings' | 'type' | 'doors'>,
		nodeType = this.nodeType,
	): WorkflowLike {
		const type = options.type ?? 'socialPost';
		const name = NAMES[type];
		const credentials: NonNullable<INode['credentials']> = {
			museKitSocialApi: { id: 'musekit-social-api', name: 'MuseKit Social' },
		};
		for (const door of Object.keys(options.doors ?? {}))
			credentials[door] = { id: door, name: door };
		const nodes = [
			node(START, 'test.start', {}),
			{
				...node(name, `n8n-nodes-musekit-social.${type}`, {
					...(type === 'socialPost' ? { resource: 'post' } : {}),
					...options.parameters,
				}),
				credentials,
				...options.node,
			},
		];
		const start = new StartNode();
		const get = (wanted: string) => (wanted === 'test.start' ? start : nodeType) as INodeType;
		return new this.workflowModule.Workflow({
			id: 'engine-test',
			nodes,
			connections: { [START]: { main: [[{ node: name, type: 'main', index: 0 }]] } },
			nodeTypes: {
				getByName: get,
				getByNameAndVersion: (wanted: string, version?: number) =>
					this.workflowModule.NodeHelpers.getVersionedNodeType(get(wanted), version),
				getKnownTypes: () => ({}),
			},
			active: false,
			settings: { executionOrder: 'v1', ...options.settings },
		});
	}

	private additionalData(options: Pick<RunOptions, 'credential' | 'doors'>, hooks?: Hooks) {
		const { credential, doors = {} } = options;
		const { authenticate } = this.credentialType;
		return {
			hooks,
			currentNodeParameters: undefined,
			restApiUrl: '',
			instanceBaseUrl: '',
			webhookBaseUrl: '',
			webhookTestBaseUrl: '',
			webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
			formWaitingBaseUrl: 'http://localhost/form-waiting',
			variables: {},
			executionId: '1',
			setExecutionStatus() {},
			async externalSecretsProxy() {},
			credentialsHelper: {
				getParentTypes: () => [],
				isCredentialUsableByNode: () => true,
				async getDecrypted(_data: unknown, _named: unknown, type: string) {
					if (doors[type]) return doors[type];
					if (!credential) throw new Error('This test gives no credential');
					return credential;
				},
				async preAuthentication() {
					return undefined;
				},
				/** As n8n 2.41 `credentials-helper.js` resolves `authenticate` of type generic. */
				async authenticate(
					data: IDataObject,
					_type: string,
					request: { headers?: IDataObject },
					workflow: WorkflowLike,
					target: INode,
				) {
					request.headers ??= {};
					const resolve = (value: string) =>
						value.startsWith('=')
							? String(
									workflow.expression.getSimpleParameterValue(target, value, 'internal', {
										$credentials: data,
									}) || '',
								)
							: value;
					for (const [name, value] of Object.entries(authenticate.properties.headers)) {
						request.headers[resolve(name)] = resolve(value);
					}
					return request;
				},
			},
		};
	}
}

function node(name: string, type: string, parameters: IDataObject): INode {
	return {
		id: `id-of-${name.toLowerCase().replace(' ', '-')}`,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
	};
}
