import type { CommitSha, SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { localBackend } from '../local-machine.ts';

let backend: SandboxBackend;
let source: SourceRepository;

beforeAll(async () => {
  backend = localBackend('none');
  source = await createSourceRepository();
});
afterAll(async () => {
  await backend[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
});

const BRANCH = 'refs/heads/worker/task.1';
const COLLECTED = 'refs/collected/hand-in';

/** Bash: makes trees, commits and pushes them whatever they are. */
const TOOLS = `
entry() { printf '%s %s\\0' "$1" "$2"; printf "$(echo "$3" | sed 's/../\\\\x&/g')"; }
write() { git hash-object -t "$1" -w --stdin --literally; }
hand_in() { git push -q "$intake" "$(git commit-tree "$1" -p HEAD -m planted):${BRANCH}"; }
blob=$(echo x | git hash-object -w --stdin)
`;

async function open(script: string) {
  const sandbox = await backend.create({
    labels: { run: 'run-hand-in', purpose: 'attempt' },
    source: source.at(source.commit),
  });
  const env = { intake: sandbox.paths.intake, branch: BRANCH };
  const command: [string, ...string[]] = ['bash', '-ec', `${TOOLS}\n${script}`];
  const done = await sandbox.exec({ command, env, timeoutMs: 60_000 }).result;
  expect(done).toMatchObject({ reason: 'exited', exitCode: 0 });
  return sandbox;
}

async function collectAfter(script: string): Promise<CommitSha | undefined> {
  await using sandbox = await open(script);
  return await sandbox.collect({ repository: source.repository, ref: COLLECTED });
}

const treeOf = (mode: string, name: string) => `hand_in "$( (entry ${mode} '${name}' "$blob") | write tree)"`;
const modulesOf = (text: string) =>
  `blob=$(printf '${text}' | git hash-object -w --stdin); ${treeOf('100644', '.gitmodules')}`;

/** Trees that would write elsewhere, or make git run something, where they are checked out. */
const HOSTILE_TREES: readonly (readonly [what: string, script: string])[] = [
  ['a file named .git', treeOf('100644', '.git')],
  ['a file named .GIT', treeOf('100644', '.GIT')],
  ['a file that some disks take for .git', treeOf('100644', 'git~1')],
  ['a file that is .git without an invisible sign', treeOf('100644', '.g\u200cit')],
  ['a file named ..', treeOf('100644', '..')],
  ['a file named .', treeOf('100644', '.')],
  ['a file whose name is a path', treeOf('100644', '../../escape')],
  ['an absolute path', treeOf('100644', '/tmp/escape')],
  [
    'a folder named .git',
    `sub=$( (entry 100755 hooks "$blob") | write tree); hand_in "$( (entry 40000 .git "$sub") | write tree)"`,
  ],
  [
    'two entries of one name, the first a link',
    `link=$(printf /etc | git hash-object -w --stdin); sub=$( (entry 100644 passwd "$blob") | write tree)
hand_in "$( (entry 120000 a "$link"; entry 40000 a "$sub") | write tree)"`,
  ],
  [
    'a link in the place of .gitmodules',
    `link=$(printf /etc/passwd | git hash-object -w --stdin); blob=$link; ${treeOf('120000', '.gitmodules')}`,
  ],
  ['a submodule outside', modulesOf('[submodule "../../x"]\\n\\tpath = x\\n\\turl = y\\n')],
  [
    'a submodule whose address is an option',
    modulesOf('[submodule "x"]\\n\\tpath = x\\n\\turl = -uprogram\\n'),
  ],
  ['a submodule whose path is an option', modulesOf('[submodule "x"]\\n\\tpath = -x\\n\\turl = y\\n')],
  [
    'a submodule with a command',
    modulesOf('[submodule "x"]\\n\\tpath = x\\n\\turl = y\\n\\tupdate = !touch /tmp/x\\n'),
  ],
];

const plainRef = 'echo n >n; git add n; git commit -qm n; git push -q "$intake" HEAD';
const inRef = (script: string) => `${plainRef}; ref="$intake/$branch"; rm "$ref"; ${script}`;

const HOSTILE_REFS: readonly (readonly [what: string, script: string])[] = [
  ['a name of another branch', inRef('echo "ref: refs/heads/main" >"$ref"')],
  ['a name of a file elsewhere', inRef('echo "ref: refs/../../../../../etc/passwd" >"$ref"')],
  ['a file instead of a commit', inRef('cp -r .git/objects/. "$intake/objects"; echo "$blob" >"$ref"')],
  ['a tree instead of a commit', inRef('git rev-parse HEAD^{tree} >"$ref"')],
  ['a tag instead of a commit', inRef(`git tag -am t t; git push -q "$intake" t; git rev-parse t >"$ref"`)],
  ['a short name of a commit', inRef('git rev-parse --short HEAD >"$ref"')],
  ['an expression', inRef('echo "HEAD~1" >"$ref"')],
  ['an option', inRef('echo "--upload-pack=touch" >"$ref"')],
  ['a commit nobody has', inRef('echo 0123456789012345678901234567890123456789 >"$ref"')],
  ['a ref of many megabytes', inRef('head -c 20000000 /dev/zero | tr "\\0" 0 >"$ref"')],
  ['a ref without end', inRef('ln -s /dev/zero "$ref"')],
  ['a pipe', inRef('mkfifo "$ref"')],
  ['a folder', inRef('mkdir "$ref"')],
  ['packed refs that are a link', inRef('ln -s /etc/passwd "$intake/packed-refs"')],
  ['packed refs that are a pipe', inRef('mkfifo "$intake/packed-refs"')],
  ['packed refs without end', inRef('truncate -s 3G "$intake/packed-refs"')],
  [
    'packed refs with another commit',
    inRef('echo "$(echo "$branch" | sha1sum | cut -c1-40) $branch" >"$intake/packed-refs"'),
  ],
];

const HOSTILE_OBJECTS: readonly (readonly [what: string, script: string])[] = [
  [
    'an object that claims to be larger than every disk',
    `${plainRef}; object=$(git rev-parse HEAD); file="$intake/objects/\${object:0:2}/\${object:2}"; chmod u+w "$file"
printf 'commit 1099511627776\\0x' | node -e 'process.stdin.pipe(require("node:zlib").createDeflate()).pipe(process.stdout)' >"$file"`,
  ],
  [
    'a pack larger than what is taken',
    `${plainRef}; truncate -s 2G "$intake/objects/pack/pack-0123456789012345678901234567890123456789.pack"`,
  ],
  [
    'a pack that promises more objects than it has',
    `${plainRef}; git -C "$intake" repack -qad; file=$(ls "$intake"/objects/pack/*.pack); chmod u+w "$file"
printf '\\377\\377\\377\\377' | dd of="$file" bs=1 seek=8 conv=notrunc status=none`,
  ],
  [
    'an object under the name of another one',
    `${plainRef}; object=$(git rev-parse HEAD); tree=$(git rev-parse "HEAD^{tree}")
cp -f "$intake/objects/\${tree:0:2}/\${tree:2}" "$intake/objects/\${object:0:2}/\${object:2}"`,
  ],
  [
    'an object folder full of files without end',
    `${plainRef}; object=$(git rev-parse HEAD); rm -f "$intake/objects/\${object:0:2}/\${object:2}"
ln -s /dev/zero "$intake/objects/\${object:0:2}/\${object:2}"`,
  ],
  [
    'a tree of ten thousand million files',
    `tree=$( (entry 100644 a "$blob") | write tree)
for level in 1 2 3 4 5 6 7 8 9 10; do
  tree=$( (for name in 0 1 2 3 4 5 6 7 8 9; do entry 40000 $name $tree; done) | write tree)
done
hand_in $tree`,
  ],
  [
    'a thousand names for one big file',
    `blob=$(head -c 64000000 /dev/zero | git hash-object -w --stdin)
hand_in "$( (for name in $(seq 10000 10999); do entry 100644 $name $blob; done) | write tree)"`,
  ],
];

describe('what is handed in', () => {
  it.each([...HOSTILE_TREES, ...HOSTILE_REFS, ...HOSTILE_OBJECTS])(
    'is refused when it is %s',
    async (_what, script) => {
      await expect(collectAfter(script)).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
      expect(
        await source.git('for-each-ref', '--format=%(refname)', 'refs/collected', 'refs/agentswarm'),
      ).toBe('');
    },
  );

  it.each(HOSTILE_TREES)('could otherwise be %s', async (_what, script) => {
    await using sandbox = await open(script);
    await using naive = await createSourceRepository();
    await naive.git('fetch', '-q', sandbox.paths.intake, `${BRANCH}:refs/heads/naive`);
    expect(await naive.git('log', '-1', '--format=%s', 'naive')).toBe('planted');
  });

  it('brings no other ref along, whatever its name', async () => {
    const other = await collectAfter(`${plainRef}
for name in refs/heads/main refs/tags/v1 refs/agentswarm/run/main refs/replace/$(git rev-parse HEAD~1); do
  git -C "$intake" update-ref $name "$(git rev-parse HEAD)"
done
echo "$(git rev-parse HEAD) refs/heads/../../config" >>"$intake/packed-refs"`);
    expect(other).toMatch(/^[0-9a-f]{40}$/);
    const refs = await source.git('for-each-ref', '--format=%(refname)');
    expect(refs.split('\n').toSorted()).toEqual([COLLECTED, 'refs/heads/main']);
    await source.git('update-ref', '-d', COLLECTED);
  });
});
