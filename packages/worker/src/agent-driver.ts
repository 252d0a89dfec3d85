import type { AgentReport, Secret } from '@agentswarm/core';

/** The model an agent talks to: an OpenAI-compatible endpoint. */
export interface AgentModel {
  readonly name: string;
  /** Ends in `/v1`, without a slash after it. */
  readonly baseUrl: string;
  readonly apiKey: Secret;
  readonly maxTokens: number;
  readonly temperature: number;
  /** In tokens. */
  readonly contextWindow: number;
}

/** What an agent does, in the order it does it. Texts are complete, not truncated. */
export type AgentEvent =
  | { readonly type: 'turn_started' }
  | { readonly type: 'user_message'; readonly text: string }
  | { readonly type: 'assistant_message'; readonly text: string; readonly model?: string }
  | { readonly type: 'tool_started'; readonly id: string; readonly tool: string; readonly arguments: unknown }
  | {
      readonly type: 'tool_finished';
      readonly id: string;
      readonly tool: string;
      readonly text: string;
      readonly isError: boolean;
    }
  /** What an agent that is a program of its own printed since the last time; it may be cut, and says so. */
  | { readonly type: 'output_printed'; readonly text: string }
  | { readonly type: 'model_retrying'; readonly attempt: number; readonly message: string };

/** The answer to a `submit_handoff` call: the parsed report, or what is wrong with it. */
export type ReportVerdict =
  | { readonly accepted: true; readonly report: AgentReport }
  | { readonly accepted: false; readonly message: string };

/** One conversation with an agent. */
export interface AgentRun {
  readonly systemPrompt: string;
  readonly prompt: string;
  /** Where the agent works and its commands run. */
  readonly workdir: string;
  /** The whole environment of the agent's commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly model: AgentModel;
  /**
   * The agent's `submit_handoff` tool. Contract: the driver passes the arguments as the model gave them, returns a
   * rejection to the model as a tool error, and ends the conversation after an acceptance.
   */
  readonly submitHandoff: (args: unknown) => ReportVerdict;
  /** Asked whenever the agent ends its turn without an accepted handoff: the next user message, or undefined to end. */
  readonly followUp: () => string | undefined;
  /** Contract: the driver awaits it before it starts a command that could end the worker. Never rejects. */
  readonly beforeCommand: () => Promise<void>;
  /** Contract: never throws. */
  readonly onEvent: (event: AgentEvent) => void;
  /** Ends the conversation and the running command. */
  readonly signal: AbortSignal;
}

/** How a conversation ended. Whether a handoff was accepted is known to the caller, which did it. */
export type AgentOutcome =
  | { readonly status: 'ended' }
  | { readonly status: 'aborted' }
  /** The endpoint failed for good; `message` names the HTTP status or the transport failure. */
  | { readonly status: 'model_failed'; readonly message: string };

/** A coding agent. */
export interface AgentDriver {
  /**
   * Contract: ends the command that is running when the run ends (what a command put into the background is the
   * sandbox's to end). A failing model is an outcome, a defect of the agent an exception.
   */
  run(run: AgentRun): Promise<AgentOutcome>;
}
