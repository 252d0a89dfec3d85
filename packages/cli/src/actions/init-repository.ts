import { existsSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { envExampleFile, templatesDirectory } from '../assets.ts';
import { readTextIfExists } from '../config/read-files.ts';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';

const TEMPLATES = ['SPEC.md', 'FEATURES.json', 'AGENTS.md', 'agentswarm.config.json'] as const;
const OTHER_CONFIGS = ['agentswarm.config.yaml', 'agentswarm.config.yml'] as const;

export interface InitFlags {
  readonly target?: string;
}

/** `agentswarm init`: writes what is missing, keeps what exists. */
export async function initRepository(context: CliContext, flags: InitFlags): Promise<ExitCode> {
  const directory = resolve(context.directory, flags.target ?? '.');
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CliError('CLI_TARGET_NOT_FOUND', `${directory} is not a directory`, { details: { directory } });
  }
  const envExample = { name: '.env.example', text: await readFile(envExampleFile(), 'utf8') };
  const files = [...(await readTemplates(directory)), envExample];
  for (const { name, text } of files) {
    const written = await writeNew(join(directory, name), text);
    print(context, `${written ? 'written' : 'kept   '}  ${name}`);
  }
  print(context, await nextSteps(directory));
  return EXIT_CODES.goalMet;
}

async function readTemplates(directory: string): Promise<{ name: string; text: string }[]> {
  const templates = templatesDirectory();
  const hasConfig = OTHER_CONFIGS.some((name) => existsSync(join(directory, name)));
  // A second configuration file beside an existing one would be an error later.
  const names = TEMPLATES.filter((name) => !(hasConfig && name === 'agentswarm.config.json'));
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(templates, name), 'utf8') })),
  );
}

/** Writes a file unless it exists, without a moment in between. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST')
      return false;
    throw new CliError('CLI_CONFIG_FILE', `cannot write ${path}`, { cause: error, details: { path } });
  }
}

async function nextSteps(directory: string): Promise<string[]> {
  const ignored = (await readTextIfExists(join(directory, '.gitignore'))) ?? '';
  const ignoresEnv = ignored.split('\n').some((line) => /^\/?\.env(\*|\.\*)?$/.test(line.trim()));
  const isRepository = existsSync(join(directory, '.git'));
  return [
    '',
    'Next:',
    ...(isRepository ? [] : ['  git init                 this directory is not a repository yet']),
    ...(ignoresEnv ? [] : ['  echo .env >> .gitignore  keys must never be committed']),
    '  cp .env.example .env     then fill in LLM_BASE_URL, LLM_API_KEY and LLM_MODEL',
    '  edit SPEC.md, FEATURES.json, AGENTS.md and the gate in agentswarm.config.json, and commit them',
    '  agentswarm doctor        checks that everything is there',
    '  agentswarm run',
    '',
    'Runs are kept in .agentswarm/, which git ignores by itself.',
  ];
}
