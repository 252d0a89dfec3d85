// Brings Node 24 and the dependencies, then runs a command with them:
//   node scripts/with-toolchain.mjs agentswarm ARGS…   the command itself, from source
//   node scripts/with-toolchain.mjs run test:all       the checks and tests
//   node scripts/with-toolchain.mjs python ARGS…       the Python of infra/, for its scripts
// Runs on any Node a machine may have, so this file stays free of newer syntax and of dependencies.
const OLDEST_NODE = 18;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    'agentswarm: Node ' +
      process.versions.node +
      ' is too old to install the toolchain; Node ' +
      OLDEST_NODE +
      ' or newer is needed once, then the repository brings its own.\n',
  );
  process.exit(2);
}

import('./toolchain/main.mjs').then((toolchain) => toolchain.main(process.argv.slice(2)));
