import type { ContextProfile } from './context.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type {
  AssertionType,
  CredentialSource,
  MetricType,
  PolicyAction,
  PolicyTarget,
  StoreName,
  ToolCapability,
  ToolKind,
  ToolRiskLevel,
} from './vocabulary.ts';
import type { SchemaRef, Workflow } from './workflow.ts';

/** An agent of `agents.yaml`. */
export interface AgentDefinition {
  readonly id: string;
  readonly kind: 'agent';
  /** Before the first slash of `llm`; `null` when there is no slash: the default provider. */
  readonly provider: string | null;
  readonly model: string;
  /** Passed to the client: `temperature`, `max_tokens`, `top_p`, `timeout`, `system_prompt`, … */
  readonly config: JsonObject;
  readonly description: string;
}

/** A tool of `tools.yaml`. */
export interface ToolDefinition {
  readonly tool_id: string;
  /** `type` as declared; plugins may supply a factory for it. */
  readonly type: string;
  readonly kind: ToolKind;
  readonly name: string;
  readonly description: string;
  /** `module:function`. */
  readonly entrypoint: string;
  readonly inputs_schema_id: SchemaRef | null;
  readonly outputs_schema_id: SchemaRef | null;
  readonly capabilities: readonly ToolCapability[];
  readonly risk_level: ToolRiskLevel;
  readonly version: string;
  readonly enabled: boolean;
  /** Seconds; `null` means the node's own limit only. */
  readonly timeout: number | null;
  readonly allow_network: boolean;
  readonly allow_shell: boolean;
  /** Directory as declared, absolute or relative to the workspace; `null` is the workspace itself. */
  readonly filesystem_root: string | null;
}

/** How one memory store is kept. */
export interface MemoryStoreConfig {
  /** `in_memory`, `file`, `sqlite`, or a name that a plugin registered. */
  readonly backend: string;
  readonly file_path: string | null;
  readonly db_path: string | null;
  readonly max_items: number | null;
  /** The whole declaration, for factories of plugins. */
  readonly declared: JsonObject;
}

export interface MemoryConfig {
  readonly stores: Readonly<Record<StoreName, MemoryStoreConfig>>;
  /** Always holds `global_default`. */
  readonly context_profiles: readonly ContextProfile[];
  readonly head_tail_preserve: number;
}

export interface PluginDeclaration {
  readonly id: string;
  /** Dotted path or relative file, and the class: `./observer.ts:Observer` or `pkg.module.Class`. */
  readonly entrypoint: string;
  readonly enabled: boolean;
  readonly config: JsonObject;
}

export interface EvaluationAssertion {
  readonly type: AssertionType;
  readonly expected: JsonValue | undefined;
  /** Dotted, into the output; empty is the whole output. */
  readonly field_path: string;
  readonly custom_function: string | null;
  readonly message: string;
}

/** An input, and what must hold of the run it starts. */
export interface EvaluationCase {
  readonly id: string;
  readonly description: string;
  readonly input: JsonValue;
  readonly start_node_id: string | null;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly assertions: readonly EvaluationAssertion[];
}

/** Cases that belong together. */
export interface EvaluationSuite {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly cases: readonly EvaluationCase[];
}

export interface MetricDefinition {
  readonly name: string;
  readonly type: MetricType;
  readonly enabled: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly description: string;
}

export interface MetricsProfile {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly metrics: readonly MetricDefinition[];
}

export interface PolicyRule {
  readonly target: PolicyTarget;
  /** An id, or `*`. */
  readonly target_id: string;
  readonly action: PolicyAction;
  readonly reason: string;
}

export interface PolicySet {
  readonly name: string;
  readonly enabled: boolean;
  /** `deny` makes the `allow` rules of this set a whitelist. */
  readonly default: PolicyAction;
  readonly rules: readonly PolicyRule[];
}

export interface SchedulerConfig {
  readonly enabled: boolean;
  readonly max_concurrency: number;
  readonly queue_policy: 'fifo';
  readonly max_queue_size: number | null;
}

export interface CredentialDeclaration {
  readonly id: string;
  readonly provider: string;
  readonly auth: {
    readonly type: 'api_key';
    readonly source: CredentialSource;
    readonly env_var: string | null;
    readonly file_path: string | null;
    readonly file_key: string | null;
  };
  /** `base_url`, `default_model`, …; below the agent's own config. */
  readonly config: JsonObject;
}

export interface ProviderDeclaration {
  readonly id: string;
  readonly type: 'llm' | 'tool' | 'memory';
  /** `module:function` of the factory; `null` when a factory is bound by id through options. */
  readonly factory: string | null;
  readonly credential: string | null;
  readonly config: JsonObject;
  readonly version: string;
  readonly enabled: boolean;
}

export interface ArtifactsConfig {
  readonly backend: 'in_memory' | 'sqlite';
  readonly db_path: string | null;
  readonly max_items: number | null;
}

export interface DeploymentManifest {
  readonly layout: string | null;
  readonly manifest_version: string | null;
  readonly bootstrap: readonly string[];
  readonly environment: string | null;
}

export interface CustomCommandDeclaration {
  readonly name: string;
  readonly entrypoint: string;
  readonly description: string;
  readonly aliases: readonly string[];
  readonly help: string;
}

/** A profile of `cli_profiles.yaml`, for the REPL. */
export interface CliProfile {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly default_config_dir: string | null;
  readonly default_workflow_id: string | null;
  readonly session_policies: {
    readonly persist_history: boolean;
    readonly persist_attachments: boolean;
    readonly history_file: string | null;
    readonly max_history_items: number;
  };
  readonly input_mapping: {
    readonly mode: 'chat' | 'raw';
    readonly attach_files_as_context: boolean;
    readonly include_profile_id: boolean;
    readonly include_session_id: boolean;
    readonly include_contents: boolean;
  };
  readonly custom_commands: readonly CustomCommandDeclaration[];
  readonly presentation_rules: {
    readonly show_system_messages: boolean;
    readonly show_telemetry_inline: boolean;
    readonly truncate_output_lines: number | null;
  };
  readonly telemetry_overlays: {
    readonly enabled: boolean;
    readonly level: 'summary' | 'verbose';
    /** Event names shown instead of the level's; empty means the level's. */
    readonly filters: readonly string[];
  };
}

/** Everything a configuration directory says, validated, with every default filled in. */
export interface ManifestSet {
  /** Absolute. */
  readonly config_dir: string;
  readonly workflow: Workflow;
  readonly agents: readonly AgentDefinition[];
  readonly tools: readonly ToolDefinition[];
  readonly memory: MemoryConfig;
  /** JSON Schemas by file stem, without the built-in ones. */
  readonly schemas: Readonly<Record<string, JsonObject | boolean>>;
  readonly plugins: readonly PluginDeclaration[];
  readonly suites: readonly EvaluationSuite[];
  readonly metrics: readonly MetricsProfile[];
  readonly policies: readonly PolicySet[];
  readonly scheduler: SchedulerConfig;
  readonly credentials: readonly CredentialDeclaration[];
  readonly providers: readonly ProviderDeclaration[];
  readonly artifacts: ArtifactsConfig;
  readonly deployment: DeploymentManifest | null;
  readonly cli_profiles: readonly CliProfile[];
  /** SHA-256 (hex) of the raw bytes of every file read, by name: `workflow.yaml`, `schemas/doc.json`. */
  readonly file_hashes: Readonly<Record<string, string>>;
}
