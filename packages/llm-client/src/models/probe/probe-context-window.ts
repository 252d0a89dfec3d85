import { z } from 'zod';
import { classifyFailure } from '../../endpoint/classify-failure.ts';
import { apiBaseUrl } from '../../endpoint/endpoint.ts';
import type { Prober } from './prober.ts';

/** A window and the field that states it. */
export interface FoundWindow {
  readonly tokens: number;
  readonly from: string;
}

/**
 * Asks the server for the window it runs the model with: vLLM, SGLang and many hosted APIs state it in the model list,
 * llama.cpp in `/props`, Ollama in `/api/show`. Undefined when none does.
 *
 * @throws {LlmError} when the server cannot be reached, or refuses the key.
 */
export async function findContextWindow(prober: Prober): Promise<FoundWindow | undefined> {
  return (await inModelList(prober)) ?? (await inProps(prober)) ?? (await inShow(prober));
}

const tokens = z.int().positive().optional().catch(undefined);
const ListSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_model_len: tokens,
      context_length: tokens,
      context_window: tokens,
      max_context_length: tokens,
    }),
  ),
});

async function inModelList(prober: Prober): Promise<FoundWindow | undefined> {
  const parsed = ListSchema.safeParse(await getIfThere(prober, `${apiBaseUrl(prober.endpoint)}/models`));
  const { id, ...fields } = parsed.data?.data.find((model) => model.id === prober.endpoint.model) ?? {};
  const stated = Object.entries(fields).find(([, value]) => value !== undefined);
  return stated?.[1] === undefined
    ? undefined
    : { tokens: stated[1], from: `${stated[0]} in the model list` };
}

const PropsSchema = z.object({ default_generation_settings: z.object({ n_ctx: z.int().positive() }) });

async function inProps(prober: Prober): Promise<FoundWindow | undefined> {
  const parsed = PropsSchema.safeParse(await getIfThere(prober, `${rootUrl(prober)}/props`));
  return parsed.data && { tokens: parsed.data.default_generation_settings.n_ctx, from: 'n_ctx of /props' };
}

const ShowSchema = z.object({
  parameters: z.string().optional(),
  model_info: z.record(z.string(), z.unknown()).optional(),
});

/** Ollama runs a model with its `num_ctx`; without one, what the model can do at most is all it says. */
async function inShow(prober: Prober): Promise<FoundWindow | undefined> {
  const { model } = prober.endpoint;
  const parsed = ShowSchema.safeParse(await getIfThere(prober, `${rootUrl(prober)}/api/show`, { model }));
  const configured = /^num_ctx\s+(\d+)$/m.exec(parsed.data?.parameters ?? '')?.[1];
  if (configured !== undefined) return { tokens: Number(configured), from: 'num_ctx of /api/show' };
  const info = Object.entries(parsed.data?.model_info ?? {});
  const [name, most] = info.find(([key]) => key.endsWith('.context_length')) ?? [];
  return typeof most === 'number' && most > 0
    ? { tokens: most, from: `${name} of /api/show, the model’s most; the server may run it with less` }
    : undefined;
}

/** The answer, or undefined where the server has nothing at that place. */
async function getIfThere(prober: Prober, url: string, body?: object): Promise<unknown> {
  const { sdk, endpoint, clock, signal } = prober;
  signal?.throwIfAborted();
  const options = signal === undefined ? {} : { signal };
  try {
    return body === undefined ? await sdk.get(url, options) : await sdk.post(url, { ...options, body });
  } catch (thrown) {
    signal?.throwIfAborted();
    const failure = classifyFailure(thrown, { endpoint, model: endpoint.model, nowMs: clock.nowMs() });
    const { status } = failure.details;
    const refused = typeof status === 'number' && failure.code !== 'AUTH_REJECTED';
    if (refused) return undefined;
    throw failure;
  }
}

function rootUrl({ endpoint }: Prober): string {
  return apiBaseUrl(endpoint).replace(/\/[^/]*$/, '');
}
