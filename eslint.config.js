import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { findErrorClasses } from './scripts/eslint-rules/error-classes.ts';
import { noSwallowedError } from './scripts/eslint-rules/no-swallowed-error.ts';
import { tellingFileName } from './scripts/eslint-rules/telling-file-name.ts';

const root = process.cwd();
const SOURCES = ['packages/*/src/**/*.ts'];
const TESTS = ['**/*.test.ts', 'packages/*/test/**/*.ts', 'packages/*/bench/**/*.ts', 'tests/**/*.ts'];
const SUITES = ['packages/*/src/**/*-suite.ts'];
const PROGRAMS = ['packages/*/bench/**/*.ts', 'packages/*/test/fixtures/**/*.ts'];
/** The command and the worker read settings; the git spawner reads what it must keep from git. */
const READS_ENVIRONMENT = [
  'packages/cli/src/env.ts',
  'packages/worker/src/main.ts',
  'packages/git/src/spawn.ts',
];

const rule = (selector, message) => ({ selector, message });

const EVERYWHERE = [
  rule('CatchClause[param=null]', 'Name the caught error and use it.'),
  rule('ExportAllDeclaration', 'Name what is exported.'),
  rule(
    'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
    'A cast through unknown hides a wrong type.',
  ),
  rule(
    'TSEnumDeclaration, TSModuleDeclaration[kind="namespace"]',
    'Only syntax that type stripping can erase.',
  ),
];
const IN_SOURCES = [
  ...EVERYWHERE,
  rule(
    'ThrowStatement > NewExpression[callee.name=/^(Error|TypeError|RangeError)$/]',
    "Throw the package's own error class, with a code.",
  ),
  rule(
    'ConditionalExpression[test.operator="instanceof"][test.right.name="Error"]',
    'toSwarmError() in core is the only place that asks this.',
  ),
];
const ENVIRONMENT = [
  rule(
    'MemberExpression[object.name="process"][property.name=/^(env|cwd|chdir)$/]',
    'The environment and working directory are read in cli/src/env.ts, worker/src/main.ts and git/src/spawn.ts only.',
  ),
  rule(
    'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name=/^(env|cwd|chdir)$/]',
    'The environment and working directory are read in cli/src/env.ts, worker/src/main.ts and git/src/spawn.ts only.',
  ),
];
const OUTPUT = [
  rule(
    'MemberExpression[object.name="process"][property.name=/^(stdout|stderr)$/]',
    'Only cli and worker write to the standard streams; libraries take a Logger.',
  ),
];

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/coverage/**',
      '.cache/**',
      '.turbo/**',
      // Sources of the repository the demo builds; its own gate checks them.
      'target-repo/**',
      'packages/*/demo/**',
      'infra/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,js,mjs,cjs}'],
    plugins: {
      agentswarm: { rules: { 'no-swallowed-error': noSwallowedError, 'telling-file-name': tellingFileName } },
    },
    rules: {
      'agentswarm/no-swallowed-error': 'error',
      'agentswarm/telling-file-name': 'error',
      'preserve-caught-error': [
        'error',
        { requireCatchParameter: true, errorClassNames: findErrorClasses(root) },
      ],
      'no-restricted-syntax': ['error', ...EVERYWHERE],
      // A switch counts once: dispatching over a union is one decision, however long the union is.
      complexity: ['error', { max: 12, variant: 'modified' }],
      'max-depth': ['error', 4],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 3 }],
      eqeqeq: 'error',
      'no-async-promise-executor': 'error',
      'no-constant-binary-expression': 'error',
      'no-dupe-else-if': 'error',
      'no-else-return': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-self-assign': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      'no-unused-labels': 'error',
      'no-useless-assignment': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, argsIgnorePattern: '^_', ignoreUsingDeclarations: true },
      ],
      '@typescript-eslint/prefer-readonly': 'error',
      // Numbers read well in messages; everything else must be turned into text on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => emitter.emit(…)` is readable; a promise used as void is what no-misused-promises finds.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A port's method is async because the port is, not because this implementation waits.
      '@typescript-eslint/require-await': 'off',
      // It takes `Promise.withResolvers<void>()` for a mistake.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // The three constraints that only restyle what is already correct.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: SOURCES,
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...IN_SOURCES, ...ENVIRONMENT, ...OUTPUT],
    },
  },
  {
    files: ['packages/core/src/errors.ts'],
    rules: { 'no-restricted-syntax': ['error', ...EVERYWHERE, ...ENVIRONMENT, ...OUTPUT] },
  },
  {
    files: ['packages/{cli,worker}/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...IN_SOURCES, ...ENVIRONMENT] },
  },
  { files: READS_ENVIRONMENT, rules: { 'no-restricted-syntax': ['error', ...IN_SOURCES] } },
  {
    // A port's conformance suite is published, and still a test.
    files: [...TESTS, ...SUITES],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'max-params': 'off',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        ...EVERYWHERE,
        rule(
          'CallExpression[callee.object.name="vi"][callee.property.name=/^(mock|doMock)$/]',
          'Tests use the real thing or a fake passed in, never a replaced module.',
        ),
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What JSON.parse and expect matchers return is checked by the assertion itself.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  // Benchmarks and the programs tests start print their results.
  { files: PROGRAMS, rules: { 'no-console': 'off' } },
);
