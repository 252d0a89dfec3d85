const HEARTBEAT_MS = 3_000;

/** Turns pnpm's append-only report into one short line every few seconds, also while pnpm is silent. */
export function reportProgress(stream) {
  const startedAtMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedAtMs) / 1000);
  let latest = 'starting pnpm';
  stream.write('agentswarm: installing Node and the dependencies into this repository (needed once) …\n');
  const heartbeat = setInterval(() => stream.write(`agentswarm: ${seconds()} s: ${latest}\n`), HEARTBEAT_MS);
  return {
    line(line) {
      const counts = /^Progress: (.*)/.exec(line)?.[1];
      const script = /node_modules\/(\S+) (?:pre|post)?install/.exec(line)?.[1];
      if (counts !== undefined) latest = counts.replace(/, done$/, '');
      else if (script !== undefined) latest = `setting up ${script}`;
    },
    end() {
      clearInterval(heartbeat);
      stream.write(`agentswarm: installation ended after ${seconds()} s\n`);
    },
  };
}
