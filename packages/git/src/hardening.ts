import { inheritedEnvironment } from './spawn.ts';

/** Settings every git call gets: nothing a repository or a user configured may start a program. */
const HARDENED_CONFIG: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.alternateRefsCommand=true',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'push.recurseSubmodules=no',
  'push.followTags=false',
  'push.gpgSign=false',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'advice.detachedHead=false',
  'advice.pushUpdateRejected=false',
  // Nothing in the repository is executed, so its owner does not matter.
  'safe.directory=*',
];

/** The hardened settings as global git arguments, followed by `extra` settings (`name=value`). */
export function hardenedArgs(extra: readonly string[] = []): string[] {
  return [...HARDENED_CONFIG, ...extra].flatMap((setting) => ['-c', setting]);
}

/** Variables that hold for every call. */
const FIXED_ENVIRONMENT: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_ALLOW_PROTOCOL: 'file:ssh:https',
  GIT_ADVICE: '0',
};

/** Environment of calls that stay on this machine: no configuration of user or system is read. */
export function localEnvironment(): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', TMPDIR, SystemRoot } = inheritedEnvironment();
  return {
    PATH,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    ...FIXED_ENVIRONMENT,
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

/** Environment of calls to a remote: the user's own configuration, agents and proxies hold. */
export function networkEnvironment(): Record<string, string> {
  return { ...inheritedEnvironment(), ...FIXED_ENVIRONMENT };
}
