import type { AgentDefinition } from '../model/manifest-set.ts';
import type { LlmClient } from './tool-ports.ts';

/**
 * Sends a payload as the one message of a conversation, with the agent's settings (`system_prompt` as `system`), and
 * gives the reply as the client returns it. Rejects as the client does.
 */
export async function askModel(
  { client, agent }: { readonly client: LlmClient; readonly agent: AgentDefinition },
  { payload, signal }: { readonly payload: object; readonly signal: AbortSignal },
): Promise<unknown> {
  const { system_prompt: system, ...settings } = agent.config;
  const prompt = JSON.stringify(payload);
  return client.generate({
    ...settings,
    ...(typeof system === 'string' ? { system } : {}),
    messages: [{ role: 'user', content: prompt }],
    prompt,
    model: agent.model,
    signal,
  });
}
