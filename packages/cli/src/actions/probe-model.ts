import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { randomIdSource } from '@agentswarm/core';
import {
  priceAt,
  probeModel,
  servesModel,
  type LlmEndpoint,
  type ModelEntry,
  type ModelProbe,
} from '@agentswarm/llm-client';
import { readTextIfExists } from '../config/read-files.ts';
import { print, printJson, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { mergeModelEntry } from '../model/merge-model-entry.ts';
import { readModelSettings, type ModelFlags, type ModelSettings } from '../model/model-settings.ts';
import { openModelBudget } from '../model/open-model-budget.ts';
import { parseCount } from '../model/parse-count.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { createSpendCounter, formatSpendCount, type SpendCounter } from '../model/spend-count.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface ProbeFlags extends ModelFlags {
  /** `true`: the file of MODEL_CATALOG. */
  readonly write?: string | true;
  readonly contextWindow?: string;
  readonly json?: boolean;
}

/** More than a probe asks for: three short questions, each answered with 1024 tokens at most. */
const PROMPT_TOKENS = 2048;
const ANSWER_TOKENS = 3 * 1024;

/** `agentswarm model probe [NAME]`: tries what the model of an endpoint can do, and keeps it in a model file. */
export async function probeConfiguredModel(
  context: CliContext,
  name: string | undefined,
  flags: ProbeFlags,
): Promise<ExitCode> {
  const settings = await readModelSettings(
    context,
    name === undefined ? flags : { ...flags, endpoint: name },
  );
  const endpoint = endpointToProbe(settings, flags);
  const path = flags.write === undefined ? undefined : pathToWrite(context, flags.write, settings);
  const earlier = path === undefined ? undefined : await readTextIfExists(path);
  const stated =
    flags.contextWindow === undefined ? undefined : parseCount('--context-window', flags.contextWindow);
  return await runInterruptible(context, async (signal) => {
    const counter = createSpendCounter();
    const probe = await probeWithinBudget(settings, endpoint, { signal, counter });
    const found = {
      ...probe,
      entry: { ...probe.entry, ...(stated === undefined ? {} : { contextWindow: stated }) },
    };
    if (path !== undefined) await writeEntry(path, mergeModelEntry(earlier, completeEntry(found), path));
    if (flags.json === true)
      printJson(context, {
        v: 1,
        endpoint: endpoint.name,
        ...found,
        ...(path === undefined ? {} : { written: path }),
      });
    else print(context, [...linesOf(found, endpoint), ...(path === undefined ? [] : [`written to ${path}`])]);
    context.stderr.write(`${formatSpendCount(counter.count())}\n`);
    return EXIT_CODES.goalMet;
  });
}

/** The endpoint named, else the first that serves the model asked for. */
function endpointToProbe({ endpoints }: ModelSettings, { model }: ProbeFlags): LlmEndpoint {
  const serving = endpoints.find((endpoint) => model === undefined || servesModel(endpoint, model));
  const endpoint = serving ?? endpoints[0];
  if (endpoint === undefined) throw new CliError('CLI_NO_ENDPOINT', 'no model endpoint is configured');
  return model === undefined ? endpoint : { ...endpoint, model };
}

function pathToWrite(context: CliContext, write: string | true, { config }: ModelSettings): string {
  const path = write === true ? config.modelCatalog : resolve(context.directory, write);
  if (path !== undefined) return path;
  throw new CliError('CLI_USAGE', '--write needs a file, or MODEL_CATALOG must name one');
}

/** A probe is three calls that are reserved as one. */
async function probeWithinBudget(
  settings: ModelSettings,
  endpoint: LlmEndpoint,
  { signal, counter }: { readonly signal: AbortSignal; readonly counter: SpendCounter },
): Promise<ModelProbe> {
  const { catalog, config } = settings;
  const { name: provider, model } = endpoint;
  const price = priceAt(endpoint, model, catalog);
  await using budget = await openModelBudget(settings);
  const reservation = await budget.reserve({
    ...{ provider, model, price },
    promptTokens: PROMPT_TOKENS,
    maxCompletionTokens: ANSWER_TOKENS,
  });
  try {
    const timeoutMs = config.llmTimeoutMs;
    return await probeModel(endpoint, { catalog, signal, timeoutMs, onCall: (event) => counter.add(event) });
  } finally {
    await reservation.settle(counter.count());
  }
}

function completeEntry({ entry }: ModelProbe): ModelEntry {
  const { contextWindow } = entry;
  if (contextWindow !== undefined) return { ...entry, contextWindow };
  throw new CliError(
    'CLI_USAGE',
    `neither the server nor the catalogue knows the context window of ${String(entry.model)}; state it with --context-window`,
  );
}

async function writeEntry(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomIdSource.token().slice(0, 16)}.tmp`;
  await writeFile(temporary, text, { flag: 'wx' });
  await rename(temporary, path);
}

function linesOf(
  { entry, evidence, usageReported, streaming }: ModelProbe,
  { name, baseUrl }: LlmEndpoint,
): string[] {
  const found: Readonly<Record<(typeof evidence)[number]['fact'], string>> = {
    contextWindow: entry.contextWindow === undefined ? 'unknown' : `${entry.contextWindow} tokens`,
    toolCalls: [
      entry.toolCalls,
      ...(entry.textToolFormat === undefined ? [] : [`(${entry.textToolFormat})`]),
    ].join(' '),
    thinking: entry.thinking.mode,
    structured: entry.structured ?? 'unknown',
    usage: usageReported ? 'reported' : 'not reported',
    streaming: streaming ? 'yes' : 'no',
  };
  const width = Math.max(...Object.values(found).map((value) => value.length));
  return [
    `${toTerminalLine(String(entry.model))} at ${name}, ${baseUrl}`,
    ...evidence.map(
      ({ fact, seen }) =>
        `  ${LABELS[fact].padEnd(15)} ${found[fact].padEnd(width)}  ${toTerminalLine(seen)}`,
    ),
  ];
}

const LABELS = {
  contextWindow: 'context window',
  toolCalls: 'tool calls',
  thinking: 'thinking',
  structured: 'structured JSON',
  usage: 'usage',
  streaming: 'streaming',
} as const;
