import { fileURLToPath } from 'node:url';
import { Engine, type EngineOptions, type LlmClient } from '@agentswarm/dag-engine/engine';

/** What each role answers; the schemas of `config/schemas` say the same and are checked in every run. */
export interface Answers {
  readonly writer: { readonly text: string };
  readonly judge: { readonly approved: boolean; readonly reason: string };
  readonly supervisor: { readonly parts: readonly string[] };
}

const configDir = fileURLToPath(new URL('config', import.meta.url));

/** An engine whose three roles are played by one model. */
export async function openRoles(model: LlmClient, options: EngineOptions = {}): Promise<Engine> {
  return await Engine.fromConfigDir(configDir, { llmFactory: () => model, checkpoint: 'never', ...options });
}

/** Asks a role once: one run through its DAG. Throws when the run fails. */
export async function ask<Role extends keyof Answers>(
  engine: Engine,
  role: Role,
  input: object,
): Promise<Answers[Role]> {
  const { status, output, error } = await engine.run(input, `ask_${role}`);
  if (status !== 'success') throw new Error(`the ${role} failed: ${error?.message ?? status}`);
  return output as typeof output & Answers[Role];
}
