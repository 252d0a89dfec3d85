// The layer table of the architecture. A new edge is an architecture decision with its own ADR.
const LAYERS = {
  core: [],
  git: ['core'],
  journal: ['core'],
  skills: ['core'],
  'dag-engine': ['core'],
  'llm-client': ['core'],
  'sandbox-runner': ['core', 'git'],
  'merge-queue': ['core', 'git'],
  worker: ['core', 'git', 'dag-engine', 'llm-client', 'skills'],
  agent: ['core', 'dag-engine', 'llm-client', 'skills'],
  orchestrator: ['core', 'git', 'dag-engine', 'llm-client', 'sandbox-runner', 'merge-queue'],
  dashboard: ['core', 'journal'],
};
// cli is the composition root and may import every package. A package not named here may import none.
const COMPOSITION_ROOT = 'cli';

const TEST = '\\.test\\.ts$';
const PACKAGE_TESTS = '^packages/[^/]+/(test|bench)/';
const PUBLIC_ENTRY = '^packages/[^/]+/src/(index|testing|engine|flow|cassette)\\.ts$';
const SPAWNERS = '^packages/(git|sandbox-runner|worker|cli)/src/spawn\\.ts$';
const PROCESS_LIBRARIES = '^(node:)?child_process$|node_modules/(execa|cross-spawn)/';

const rule = (name, from, to) => ({ name, severity: 'error', from, to });

const layerRule = (name, allowed) =>
  rule(
    `layer-${name}`,
    { path: `^packages/${name}/src/`, pathNot: TEST },
    { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
  );

module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).map(([name, allowed]) => layerRule(name, allowed)),
    rule(
      'layer-unlisted-package',
      {
        path: '^packages/([^/]+)/src/',
        pathNot: [TEST, `^packages/(${[...Object.keys(LAYERS), COMPOSITION_ROOT].join('|')})/`],
      },
      { path: '^packages/', pathNot: '^packages/$1/' },
    ),
    rule('no-circular', { pathNot: 'node_modules' }, { circular: true }),
    rule(
      'no-deep-import',
      { path: '^packages/([^/]+)/' },
      { path: '^packages/', pathNot: ['^packages/$1/', PUBLIC_ENTRY] },
    ),
    rule(
      'no-deep-import-from-tests',
      { path: '^(tests|examples)/' },
      { path: '^packages/', pathNot: [PUBLIC_ENTRY, '^packages/[^/]+/src/main\\.ts$'] },
    ),
    rule('core-is-pure', { path: '^packages/core/src/', pathNot: TEST }, { dependencyTypes: ['core'] }),
    rule(
      'spawn-only-at-edges',
      { path: '^packages/', pathNot: [SPAWNERS, TEST, PACKAGE_TESTS] },
      { path: PROCESS_LIBRARIES },
    ),
    rule('not-from-test', { path: '^packages/[^/]+/src/', pathNot: TEST }, { path: `${TEST}|/test/` }),
    rule('resolvable', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // A package's `demo/` holds files of another repository, which resolve there.
    exclude: { path: '(^|/)dist/|^packages/[^/]+/demo/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@agentswarm/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
