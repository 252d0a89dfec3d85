#!/usr/bin/env node
import module from 'node:module';

const MIN_NODE_MAJOR = 24;

const major = Number(process.versions.node.split('.', 1)[0]);
if (major < MIN_NODE_MAJOR) {
  process.stderr.write(
    `error: agentswarm needs Node ${MIN_NODE_MAJOR} or newer, this is ${process.version}\nhint: run it as \`npx -y -p node@${MIN_NODE_MAJOR} -p @agentswarm/cli agentswarm\`\n`,
  );
  process.exitCode = 2;
} else {
  module.enableCompileCache();
  const { runCli } = await import('./run-cli.ts');
  process.exitCode = await runCli(process.argv.slice(2), {
    afterStop: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(130));
    },
  });
}
