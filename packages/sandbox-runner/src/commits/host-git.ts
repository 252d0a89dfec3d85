import { SandboxError } from '../errors.ts';
import { runHelper, type HelperRequest, type HelperResult } from '../spawn.ts';

const GIT_TIMEOUT_MS = 120_000;

/** Settings under which git runs nothing that a repository brings along. */
const HARDENED = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'transfer.fsckObjects=true',
  'protocol.allow=never',
  'protocol.file.allow=always',
  'gc.auto=0',
  'maintenance.auto=false',
  'receive.autogc=false',
  'safe.directory=*',
].flatMap((setting) => ['-c', setting]);

/** How git is run on the host, always for the same reasons the same way. */
export interface HostGit {
  /** Runs git; a failure is a value. */
  try(args: readonly string[], options?: Omit<HelperRequest, 'env'>): Promise<HelperResult>;
  /** @throws {SandboxError} SANDBOX_SETUP_FAILED */
  run(args: readonly string[], options?: Omit<HelperRequest, 'env'>): Promise<string>;
}

/** Starts a program of the host under other circumstances, without changing what it does. */
export type HostWrap = (command: HostCommand) => HostCommand;

interface HostCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export function createHostGit(path: string, wrap: HostWrap = (command) => command): HostGit {
  const env = {
    PATH: path === '' ? '/usr/local/bin:/usr/bin:/bin' : path,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_DEFAULT_REF_FORMAT: 'files',
  };
  const tryGit: HostGit['try'] = (args, options = {}) => {
    const { file, args: wrapped } = wrap({ file: 'git', args: [...HARDENED, ...args] });
    return runHelper(file, wrapped, { cwd: '/', timeoutMs: GIT_TIMEOUT_MS, ...options, env });
  };
  return {
    try: tryGit,
    run: async (args, options) => {
      const result = await tryGit(args, options);
      if (result.ok) return result.stdout;
      throw new SandboxError(
        'SANDBOX_SETUP_FAILED',
        `git ${args[0] === '-C' ? args[2] : args[0]} failed: ${result.failure}`,
        {
          details: { command: ['git', ...args] },
        },
      );
    },
  };
}
