// A worker whose behaviour is the first argument; the last one is the assignment file.
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

const [behaviour, file] = process.argv.slice(2);
const assignment = JSON.parse(readFileSync(file, 'utf8'));
const { attemptId, branch, base, paths } = assignment;
const token = readFileSync(0, 'utf8');
const git = (...args) => execFileSync('git', args, { cwd: paths.workdir, encoding: 'utf8' }).trim();
const write = (text) => appendFileSync(paths.frames, text);
const send = (frame) => write(`${JSON.stringify({ v: 1, attemptId, atMs: 1, ...frame })}\n`);
const commit = (name) => {
  writeFileSync(`${paths.workdir}/${name}`, `${name}\n`);
  git('add', name);
  git('commit', '-qm', name);
  git('push', '-q', paths.intake, `HEAD:refs/heads/${branch}`);
  const head = git('rev-parse', 'HEAD');
  send({ type: 'commit', head });
  return head;
};
const handOff = (head, changes = {}) => {
  const metrics = { turns: 1, toolCalls: 2, durationMs: 3 };
  const report = { status: 'complete', summary: 'done', concerns: [], suggestions: [] };
  writeFileSync(
    paths.handoff,
    JSON.stringify({ v: 1, attemptId, ...report, branch, base, head, metrics, ...changes }),
  );
};
const forever = () => new Promise((resolve) => setTimeout(resolve, 3_600_000));

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Frames of many lengths, some with characters of several bytes, with the work in the middle.
const talk = async (paceMs) => {
  for (let count = 0; count < 40; count++) {
    const message = `${count} ${'ä€😀'.repeat(count % 7)}`;
    send({ type: 'progress', phase: 'tool', message, toolCalls: count });
    if (count === 20) commit('work');
    await pause(paceMs(count));
  }
  handOff(git('rev-parse', 'HEAD'));
  send({ type: 'progress', phase: 'done', message: 'done', toolCalls: 40 });
};

const behaviours = {
  talks: () => talk((count) => count % 5),
  // So long that a connection can be made anew meanwhile.
  talksSlowly: () => talk(() => 40),
  // Says nothing for longer than the host looks away.
  async ponders() {
    send({ type: 'progress', phase: 'thinking', message: 'hm', toolCalls: 0 });
    await pause(2500);
    handOff(commit('work'));
  },
  // Leaves a process behind that is nobody's child, in a session of its own, and ignores requests to end.
  async leavesDaemon() {
    const daemon = "trap '' TERM HUP INT; while :; do sleep 1; done";
    execFileSync('sh', ['-c', `(setsid sh -c "${daemon}" </dev/null >/dev/null 2>&1 &) &`]);
    handOff(commit('work'));
  },
  // Works until the disk has no room, hands in what fits, and leaves the disk full.
  async fillsDisk() {
    handOff(commit('work'));
    const filler = Buffer.alloc(64 * 1024, 1);
    for (let count = 0; count < 4_096; count++) appendFileSync(`${paths.workdir}/filler`, filler);
  },

  good() {
    if (token !== 'gateway-token') process.exit(9);
    send({ type: 'progress', phase: 'starting', message: 'hello', toolCalls: 0 });
    handOff(commit('work'));
  },
  dies() {
    commit('work');
    process.kill(process.pid, 'SIGKILL');
  },
  async greedy() {
    commit('work');
    const taken = [];
    for (let count = 0; count < 600; count++) taken.push(Buffer.alloc(1e6, 1));
    await forever();
  },
  exits() {
    process.stderr.write('something broke\n');
    process.exit(3);
  },
  async silent() {
    commit('work');
    await forever();
  },
  async slow() {
    commit('work');
    setInterval(() => send({ type: 'heartbeat' }), 20);
    await forever();
  },
  async hangsAfterHandoff() {
    handOff(commit('work'));
    await forever();
  },
  garbage() {
    write('plain text\n{"v":1\n[]\nnull\n\u0000\u0001\n');
    write(`${JSON.stringify({ v: 1, attemptId: 'other.1', atMs: 1, type: 'heartbeat' })}\n`);
    send({ type: 'invented' });
    send({ type: 'heartbeat', extra: true });
    send({ type: 'heartbeat' });
    handOff(commit('work'));
  },
  floods() {
    for (let count = 0; count < 20_000; count++) {
      send({ type: 'progress', phase: 'thinking', message: 'x'.repeat(100), toolCalls: count });
    }
    handOff(commit('work'));
  },
  async floodsForEver() {
    commit('work');
    setInterval(() => {
      for (let count = 0; count < 100; count++) {
        send({ type: 'progress', phase: 'thinking', message: 'x'.repeat(500), toolCalls: count });
      }
    }, 1);
    await forever();
  },
  notJson() {
    commit('work');
    writeFileSync(paths.handoff, 'done!');
  },
  wrongForm() {
    handOff(commit('work'), { status: 'excellent' });
  },
  linkedHandoff() {
    commit('work');
    execFileSync('ln', ['-s', '/etc/passwd', paths.handoff]);
  },
  otherAttempt() {
    handOff(commit('work'), { attemptId: 'task.7' });
  },
  otherBase() {
    handOff(commit('work'), { base: 'f'.repeat(40) });
  },
  nothing() {
    handOff(base);
  },
  noHandoff() {
    commit('work');
  },
  otherHead() {
    commit('work');
    handOff('e'.repeat(40));
  },
  unpushed() {
    handOff('e'.repeat(40));
  },
  unrelated() {
    git('checkout', '-q', '--orphan', 'unrelated');
    handOff(commit('work'));
  },
  blocked() {
    handOff(base, { status: 'blocked', summary: 'needs a decision' });
  },
  modelFailed() {
    commit('work');
    send({ type: 'error', code: 'model_failed', message: 'HTTP 503' });
    process.exit(1);
  },
};
await behaviours[behaviour]();
