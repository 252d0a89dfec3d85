import { silentLogger, type LogFields } from '@agentswarm/core';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { Occurrence } from '../model/engine-event.ts';
import type { CredentialDeclaration } from '../model/manifest-set.ts';
import { CredentialNotFoundError } from '../errors.ts';
import { CredentialProvider } from './credential-provider.ts';

const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(content: string, mode = 0o600): string {
  const path = join(folder, `file-${(files += 1)}`);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function fromEnv(id: string, env_var: string): CredentialDeclaration {
  const auth = { type: 'api_key', source: 'env', env_var, file_path: null, file_key: null } as const;
  return { id, provider: `${id}-provider`, auth, config: { base_url: id } };
}

function fromFile(id: string, file_path: string, file_key: string | null = null): CredentialDeclaration {
  const auth = { type: 'api_key', source: 'file', env_var: null, file_path, file_key } as const;
  return { id, provider: 'files', auth, config: {} };
}

function load(declarations: readonly CredentialDeclaration[], env: Record<string, string> = {}) {
  const warnings: LogFields[] = [];
  const logger = { ...silentLogger, warn: (fields: LogFields) => void warnings.push(fields) };
  return { warnings, provider: new CredentialProvider(declarations, { env, configDir: folder, logger }) };
}

function valueOf(declaration: CredentialDeclaration, env: Record<string, string> = {}): string {
  return load([declaration], env).provider.getCredential(declaration.id).reveal();
}

function errorOf(
  declaration: CredentialDeclaration,
  env: Record<string, string> = {},
): string | null | undefined {
  return load([declaration], env).provider.getCredentialMetadata(declaration.id)?.error;
}

it('takes a value from the environment it is given, without the newline at its end', () => {
  expect(valueOf(fromEnv('c', 'KEY'), { KEY: ' the value \n' })).toBe(' the value ');
  expect(errorOf(fromEnv('c', 'KEY'))).toBe('Environment variable not found: KEY');
  expect(errorOf(fromEnv('c', 'KEY'), { KEY: ' \n' })).toBe('Environment variable is empty: KEY');
  expect(errorOf(fromEnv('c', 'toString'))).toBe('Environment variable not found: toString');
});

it('takes a whole file, trimmed, or a field of it', () => {
  expect(valueOf(fromFile('c', write(' the value \n')))).toBe('the value');
  expect(valueOf(fromFile('c', write('{"a": 1}')))).toBe('{"a": 1}');
  expect(valueOf(fromFile('c', write('{"a": {"b": "deep"}}'), 'a.b'))).toBe('deep');
  expect(valueOf(fromFile('c', write('a:\n  b: deep\n'), 'a.b'))).toBe('deep');
  expect(valueOf(fromFile('c', write('key: 00123456789012345678901'), 'key'))).toBe(
    '00123456789012345678901',
  );
  expect(valueOf(fromFile('c', write('key: true'), 'key'))).toBe('true');
  expect(valueOf(fromFile('c', write('- zero\n- one\n'), '1'))).toBe('one');
});

it('finds files from the configuration and from home', () => {
  const path = write('found');
  const name = path.slice(folder.length + 1);
  expect(valueOf(fromFile('c', name))).toBe('found');
  expect(valueOf(fromFile('c', `~/${name}`), { HOME: folder })).toBe('found');
});

it('says why a file cannot be used', () => {
  mkdirSync(join(folder, 'directory'), { recursive: true });
  execFileSync('mkfifo', [join(folder, 'named-pipe')]);
  const big = write('x'.repeat(1024 * 1024 + 1));
  expect(errorOf(fromFile('c', 'missing'))).toBe(
    `file cannot be opened (ENOENT): ${join(folder, 'missing')}`,
  );
  expect(errorOf(fromFile('c', 'directory'))).toMatch(/^not a regular file: /);
  expect(errorOf(fromFile('c', 'named-pipe'))).toMatch(/^not a regular file: /);
  expect(errorOf(fromFile('c', '/dev/zero'))).toBe('not a regular file: /dev/zero');
  expect(errorOf(fromFile('c', big))).toMatch(/^file is larger than /);
  expect(errorOf(fromFile('c', write('')))).toMatch(/^file is empty: /);
  expect(errorOf(fromFile('c', write(' \n')))).toMatch(/^value is empty: /);
});

it.each([
  ['{"a": {}}', 'a', '"a" is not a text'],
  ['{"a": null}', 'a', 'no value at "a"'],
  ['{"a": "x"}', 'a.length', 'no value at "a.length"'],
  ['{"a": "x"}', '__proto__', 'no value at "__proto__"'],
  ['a:\n', 'a', 'no value at "a"'],
  ['a: [1]\n', 'a', '"a" is not a text'],
  ['a: "canary-in-broken-file\nb: {', 'a', 'file is neither JSON nor YAML'],
  ['just text', 'a', 'no value at "a"'],
])('refuses %j at %s', (content, key, reason) => {
  const path = write(content);
  expect(errorOf(fromFile('c', path, key))).toBe(`${reason}: ${path}`);
});

it('warns about a file that other users can read', () => {
  const open = write('value', 0o640);
  const { provider, warnings } = load([fromFile('open', open), fromFile('private', write('value'))]);
  expect(provider.listLoadedCredentialIds()).toEqual(['open', 'private']);
  expect(warnings).toEqual([{ credential: 'open', warning: `file is open to other users: ${open}` }]);
});

it('answers for what is loaded and what is not', () => {
  const { provider } = load([fromEnv('a', 'A'), fromEnv('b', 'B'), fromEnv('c', 'C')], {
    B: 'value-b',
    C: 'value-c',
  });
  expect(provider.listCredentialIds()).toEqual(['a', 'b', 'c']);
  expect(provider.listFailedCredentialIds()).toEqual(['a']);
  expect([provider.hasCredential('a'), provider.hasCredential('b'), provider.hasCredential('z')]).toEqual([
    false,
    true,
    false,
  ]);
  expect(provider.forProvider('b-provider')).toMatchObject({ config: { base_url: 'b' } });
  expect(provider.forProvider('a-provider')).toBeNull();
  expect(provider.getCredentialMetadata('z')).toBeNull();
  expect(() => provider.getCredential('a')).toThrow(CredentialNotFoundError);
  expect(() => provider.getCredential('a')).toThrow(
    "Credential 'a' is not available: Environment variable not found: A",
  );
  expect(() => provider.getCredential('__proto__')).toThrow(
    "Credential '__proto__' is not available: it is not declared",
  );
});

it('reports each credential without its value', () => {
  const { provider } = load([fromEnv('a', 'A'), fromEnv('b', 'B')], { B: 'value-b' });
  const occurrences: Occurrence[] = [];
  provider.report({ emit: (occurrence) => void occurrences.push(occurrence) });
  expect(occurrences.map(({ name, payload }) => [name, payload])).toEqual([
    [
      'credential_failed',
      {
        credential_id: 'a',
        provider: 'a-provider',
        source: 'env',
        error: 'Environment variable not found: A',
      },
    ],
    ['credential_loaded', { credential_id: 'b', provider: 'b-provider', source: 'env' }],
  ]);
});

it('shows its values nowhere but where they are asked for', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[!-~]{8,30}$/),
      fc.constantFrom('"', "'", '', '{', '- &a '),
      (value, junk) => {
        const path = write(`${junk}${value}`);
        const { provider } = load([fromEnv('e', 'E'), fromFile('f', path), fromFile('g', path, 'some.key')], {
          E: value,
        });
        const occurrences: Occurrence[] = [];
        provider.report({ emit: (occurrence) => void occurrences.push(occurrence) });
        const shown = [
          inspect(provider, { depth: 10, showHidden: true }),
          JSON.stringify([provider, provider.getAllMetadata(), provider.getCredential('e'), occurrences]),
          String(provider.getCredential('e')),
          provider.redact(`before ${value} after ${encodeURIComponent(value)}`),
        ].join('\n');
        expect(shown.replaceAll(path, '')).not.toContain(value);
        expect(provider.getCredential('e').reveal()).toBe(value);
      },
    ),
    { numRuns: 60 },
  );
});
