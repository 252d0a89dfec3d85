// A worker that hands in everything it can find: environments, arguments, mounts, and all files but the system's.
import { execFileSync } from 'node:child_process';
import { appendFileSync, lstatSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';

const assignment = JSON.parse(readFileSync(process.argv.at(-1), 'utf8'));
const { attemptId, branch, base, paths } = assignment;
const token = readFileSync(0, 'utf8');
const given = [
  token.trim(),
  ...Object.entries(process.env)
    .filter(([name]) => name.startsWith('GIVEN_'))
    .map(([, value]) => value),
];
const found = [];
const attempt = (what, look) => {
  try {
    found.push(`== ${what}\n${look()}`);
  } catch (error) {
    found.push(`== ${what}: ${error.code}`);
  }
};
const SYSTEM = /^\/(usr|bin|sbin|lib|lib32|lib64|libx32|proc|sys|dev)(\/|$)/;
let budget = 4_000;
const list = (folder) => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    found.push(`== ${folder}: ${error.code}`);
    return [];
  }
};
const walk = (folder) => {
  for (const entry of list(folder)) {
    const path = `${folder === '/' ? '' : folder}/${entry.name}`;
    if (
      SYSTEM.test(path) ||
      path.includes('/node_modules/') ||
      /\/\.(rustup|cargo|pyenv|nvm)\//.test(path) ||
      budget-- < 0
    )
      continue;
    if (entry.isDirectory()) walk(path);
    else if (entry.isSymbolicLink()) attempt(path, () => readlinkSync(path));
    else if (entry.isFile() && lstatSync(path).size < 200_000)
      attempt(path, () => readFileSync(path, 'latin1'));
  }
};
if (process.env.LOOK_IN !== undefined) walk(process.env.LOOK_IN);
walk('/');
for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$|^self$/.test(name))) {
  for (const name of ['environ', 'cmdline', 'mountinfo', 'status', 'maps']) {
    attempt(`${pid}/${name}`, () => readFileSync(`/proc/${pid}/${name}`, 'latin1'));
  }
}
for (const name of ['cmdline', 'keys', 'net/unix', 'net/tcp', 'mounts']) {
  attempt(name, () => readFileSync(`/proc/${name}`, 'latin1'));
}
attempt('argv', () => process.argv.join(' '));
attempt('git', () =>
  execFileSync('git', ['config', '--list', '--show-origin'], { cwd: paths.workdir, encoding: 'utf8' }),
);
attempt('npm', () => execFileSync('npm', ['config', 'list', '-l'], { cwd: paths.workdir, encoding: 'utf8' }));

// What it was given it may know; it is left out so that everything else can be told apart.
let loot = found.join('\n');
for (const secret of given) loot = loot.replaceAll(secret, '(given)');
const git = (...args) => execFileSync('git', args, { cwd: paths.workdir, encoding: 'utf8' }).trim();
writeFileSync(`${paths.workdir}/loot`, loot, 'latin1');
git('add', '-f', 'loot');
git('commit', '-qm', 'loot');
git('push', '-q', paths.intake, `HEAD:refs/heads/${branch}`);
const head = git('rev-parse', 'HEAD');
const frame = {
  v: 1,
  attemptId,
  atMs: 1,
  type: 'progress',
  phase: 'thinking',
  message: 'looking around',
  toolCalls: 1,
};
const lines = `${JSON.stringify(frame)}\n${JSON.stringify({ v: 1, attemptId, atMs: 1, type: 'commit', head })}\n`;
appendFileSync(paths.frames, lines);
process.stderr.write(`${found.length} things found\n`);
const report = {
  status: 'complete',
  summary: `got the token: ${token.length > 0}; given: ${given.length}`,
  concerns: [],
  suggestions: [],
};
const metrics = { turns: 1, toolCalls: 2, durationMs: 3 };
writeFileSync(paths.handoff, JSON.stringify({ v: 1, attemptId, ...report, branch, base, head, metrics }));
