import type { Logger, Secret } from '@agentswarm/core';
import type { CustomAssertion } from '../evaluations/check-assertion.ts';
import type { EngineClock, EngineIds } from '../model/engine-ports.ts';
import type { JsonObject } from '../model/json.ts';
import type { Confirm } from '../memory/typed-memory.ts';
import type { NodeRole } from '../model/vocabulary.ts';
import type { DeterministicOp } from '../nodes/deterministic-op.ts';
import type { Plugin } from '../plugins/plugin.ts';
import type { CommandFunction } from '../repl/command.ts';
import type { LlmClient, ToolHandler } from '../tools/tool-ports.ts';

/**
 * Makes the client of a provider, or undefined when it serves no such provider: nodes that need it then fail with
 * `no_llm_client`. `provider` is `null` for an agent that names only a model; `config` is the agent's, above that of
 * the credential; `credential` is the one declared for the provider.
 */
export type LlmFactory = (
  provider: string | null,
  config: JsonObject,
  credential: Secret | null,
) => LlmClient | undefined;

/** When the state of tasks is written to the state folder. */
export type CheckpointPolicy = 'on_conclude' | 'every_node' | 'never';

/** What an engine is given besides its manifests. */
export interface EngineOptions {
  /** What tools do, by tool id; wins over their entrypoints. */
  readonly handlers?: Readonly<Record<string, ToolHandler>>;
  /** What deterministic nodes do, by node id. */
  readonly deterministicOps?: Readonly<Record<string, DeterministicOp>>;
  /** What deterministic nodes of a role do that have no operation of their own. */
  readonly roleOps?: Readonly<Partial<Record<NodeRole, DeterministicOp>>>;
  /** Observers. One with the id of a declared plugin takes its place; the others are added. */
  readonly plugins?: readonly Plugin[];
  /** Default: no provider is served. */
  readonly llmFactory?: LlmFactory;
  /** Checks of `custom` assertions, by name; win over imports. */
  readonly assertions?: Readonly<Record<string, CustomAssertion>>;
  /** Functions of custom commands, by their entrypoint; win over imports. */
  readonly commands?: Readonly<Record<string, CommandFunction>>;
  /** Default: the system's time. */
  readonly clock?: EngineClock;
  /** Default: random. */
  readonly idGenerator?: EngineIds;
  /** Environment variables the manifests may refer to. Default none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where checkpoints, memory and sessions are kept. Default `AGENT_ENGINE_STATE_DIR`, else `<config>/.agent_engine`. */
  readonly stateRoot?: string;
  /** What tools may touch. Default `AGENT_ENGINE_WORKSPACE_ROOT`, else the parent of the configuration directory. */
  readonly workspaceRoot?: string;
  /** Default `on_conclude`. */
  readonly checkpoint?: CheckpointPolicy;
  /** Of a node with all its tools. Default 300 s. */
  readonly nodeTimeoutMs?: number;
  /** How long closing waits for plugins that are still busy. Default 5 s. */
  readonly pluginTimeoutMs?: number;
  /** Lets a tool that nothing implements give back its inputs. Default false: it is a load error. */
  readonly allowEchoTools?: boolean;
  /** Asked before preferences are added to the global memory, and before it is cleared. Default: both may be done. */
  readonly confirmMemory?: Confirm;
  readonly logger?: Logger;
}
