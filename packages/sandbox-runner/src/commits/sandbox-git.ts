/** Commits made without a configured author are still attributed to somebody. */
export const SANDBOX_GIT_CONFIG = `[user]
\tname = AgentSwarm worker
\temail = worker@agentswarm.invalid
[safe]
\tdirectory = *
[gc]
\tauto = 0
[init]
\tdefaultBranch = main
`;

/** The dependency layer, and what tools leave in a work tree by merely running: side effects, not work. */
export const NEVER_COMMITTED = [
  '/node_modules',
  '__pycache__/',
  '*.py[co]',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  '.DS_Store',
];
