import { mkdir, readdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { resolveConfig, type SettingSource } from '@agentswarm/core';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { demoScriptDirectory } from '../assets.ts';
import type { BackendKind } from '../backends/backend-kinds.ts';
import { commandIn } from '../command-name.ts';
import { sourcesOfFlags } from '../config/flags.ts';
import { locateFiles } from '../config/load-config.ts';
import { readConfigFile } from '../config/read-files.ts';
import { restoreConfig } from '../config/restore-config.ts';
import type { CliContext } from '../context.ts';
import { createDemoRepository, DEMO_REPOSITORY } from '../demo-repository.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { selectOutputMode, type OutputFlags } from '../view/run-view.ts';
import { driveRun } from './drive-run.ts';
import { selectUnfinished } from './resume-run.ts';

export interface DemoFlags extends OutputFlags {
  readonly dir?: string;
  readonly resume?: string;
  readonly maxWorkers: string;
  readonly backend: BackendKind;
}

/** `agentswarm demo`: the unmodified system on a bundled project, with authored model answers. */
export async function runDemo(context: CliContext, flags: DemoFlags): Promise<ExitCode> {
  if (flags.dir !== undefined) await assertUsable(resolve(context.directory, flags.dir));
  await using server = await createScriptedModelServer({ scriptDir: demoScriptDirectory() });
  const directory = await openDirectory(context, flags);
  const targetPath = join(directory, DEMO_REPOSITORY);
  const { config, resumeRunId } =
    flags.resume === undefined
      ? {
          config: locateFiles(
            context.directory,
            resolveConfig(await demoSources(context, { flags, targetPath, model: server })),
          ),
          resumeRunId: undefined,
        }
      : await resumedConfig(context, targetPath, server);
  announce(context, { directory, model: server.model, backend: config.sandboxBackend });
  const code = await driveRun(context, {
    config,
    endpoints: [{ name: 'demo', baseUrl: server.url, model: server.model }],
    targetPath,
    mode: selectOutputMode(flags, { isTTY: context.stdout.isTTY === true, term: context.env['TERM'] }),
    allowNoIsolationFallback: true,
    ...(resumeRunId === undefined ? {} : { resumeRunId }),
    resumeCommand: `${commandIn(context.directory)} demo --resume ${shown(context, directory)}`,
  });
  await sayWhatIsLeft(context, directory);
  return code;
}

const TEST_SERVER = [
  'Sandboxes go the way of Modal: its own SDK, our shim, our guard. In the place of Modal is a test server of ours',
  'on this machine, which honours what infra/fake_modal/CONFORMANCE.md lists and proves nothing about the real one.',
];

interface ServedModel {
  readonly url: string;
  readonly model: string;
}

/** The demo depends on nothing of the person's environment but the log level, and what remote sandboxes need. */
async function demoSources(
  context: CliContext,
  options: { readonly flags: DemoFlags; readonly targetPath: string; readonly model: ServedModel },
): Promise<SettingSource[]> {
  const { flags, targetPath, model } = options;
  const file = await readConfigFile(targetPath);
  return [
    ...sourcesOfFlags({ maxWorkers: flags.maxWorkers, backend: flags.backend }),
    {
      origin: 'demo',
      kind: 'values',
      entries: { targetRepoPath: targetPath, llmBaseUrl: model.url, llmModel: model.model },
    },
    { origin: 'environment', kind: 'text', entries: { LOG_LEVEL: context.env['LOG_LEVEL'] } },
    accountSource(context),
    ...(file === undefined ? [] : [file]),
  ];
}

/** Python and the account of Modal; read by nothing unless sandboxes are remote. */
function accountSource({ env }: CliContext): SettingSource {
  const isNeeded = ([name]: [string, unknown]) => name === 'PYTHON_PATH' || name.startsWith('MODAL_');
  return {
    origin: 'environment',
    kind: 'text',
    entries: Object.fromEntries(Object.entries(env).filter(isNeeded)),
  };
}

async function resumedConfig(context: CliContext, targetPath: string, model: ServedModel) {
  const { folder, journaled } = await selectUnfinished(targetPath, undefined);
  const sources = [accountSource(context)];
  const config = restoreConfig({
    journaled,
    runId: folder.runId,
    flags: { baseUrl: model.url, model: model.model },
    sources,
    current: locateFiles(context.directory, resolveConfig(sources)),
  });
  return { config, resumeRunId: folder.runId };
}

/** The folder of the demo: given, temporary, or that of an earlier one. */
async function openDirectory(context: CliContext, flags: DemoFlags): Promise<string> {
  if (flags.resume !== undefined) {
    const given = resolve(context.directory, flags.resume);
    return basename(given) === DEMO_REPOSITORY ? resolve(given, '..') : given;
  }
  const { env } = context;
  if (flags.dir === undefined) return createDemoRepository({ env });
  return createDemoRepository({ env, directory: resolve(context.directory, flags.dir) });
}

async function assertUsable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length === 0) return;
  throw new CliError('CLI_DIRECTORY_NOT_EMPTY', `${directory} is not empty`, { details: { directory } });
}

function announce(
  context: CliContext,
  demo: { readonly directory: string; readonly model: string; readonly backend: BackendKind },
): void {
  const { directory, model, backend } = demo;
  const lines = [
    `The demo builds ${join(directory, DEMO_REPOSITORY)}.`,
    `The model "${model}" is scripted: its answers were written beforehand. Everything else is real:`,
    'planning rounds, sandboxed workers, their tool calls and tests, merges, gate runs and pushes.',
    ...(backend === 'modal-local' ? TEST_SERVER : []),
    '',
  ];
  context.stderr.write(`${lines.join('\n')}\n`);
}

async function sayWhatIsLeft(context: CliContext, directory: string): Promise<void> {
  const { sizeOnDisk } = await import('../demo-size.ts');
  const size = await sizeOnDisk(directory);
  const lines = [
    '',
    `The demo is kept in ${directory} (${(size / 1024 ** 2).toFixed(0)} MiB).`,
    `Look into it with: ${commandIn(context.directory)} log --target ${join(directory, DEMO_REPOSITORY)}`,
    `Delete it with:    rm -rf ${directory}`,
  ];
  context.stderr.write(`${lines.join('\n')}\n`);
}

function shown(context: CliContext, directory: string): string {
  const path = relative(context.directory, directory);
  return path === '' || path.startsWith('..') ? directory : path;
}
