import { describe, expect, it } from 'vitest';
import {
  parseLimits,
  parseNetwork,
  parseTimeout,
  parseVariables,
  readSecrets,
} from './parse-sandbox-flags.ts';
import type { SandboxRunFlags } from './sandbox-flags.ts';

const flags = (more: Partial<SandboxRunFlags>): SandboxRunFlags => ({ backend: 'local', ...more });

describe('parseNetwork', () => {
  it.each(['none', 'gateway', 'registries', 'open'])('takes the policy %s by its name', (name) => {
    expect(parseNetwork(name)).toBe(name);
  });

  it('takes hosts separated by commas for a list', () => {
    expect(parseNetwork('example.org, *.example.net:8443,[::1]:80,localhost')).toEqual({
      allow: ['example.org', '*.example.net:8443', '[::1]:80', 'localhost'],
    });
  });

  it.each(['', ' ', 'registry', 'opne', 'example.org,none'])('does not take %j for a host', (text) => {
    expect(() => parseNetwork(text)).toThrow(/--network must be none, gateway, registries, open, or hosts/);
  });
});

describe('parseLimits', () => {
  it('gives those that were named, in the units of the port', () => {
    const given = flags({ memory: '512', cpus: '1.5', cpuTime: '90', disk: '100', processes: '64' });
    const limits = { memoryMb: 512, cpuCores: 1.5, cpuSeconds: 90, diskMb: 100, processes: 64 };
    expect(parseLimits(given)).toEqual(limits);
    expect(parseLimits(flags({}))).toEqual({});
  });

  it.each([
    ['memory', '0', '--memory must be a whole number of at least 1, not "0"'],
    ['memory', '1.5', '--memory must be'],
    ['cpus', '-1', '--cpus must be a number above 0, not "-1"'],
    ['cpuTime', 'x', '--cpu-time must be'],
    ['disk', ' ', '--disk must be'],
    ['processes', 'Infinity', '--processes must be'],
  ])('refuses %s %j', (name, text, message) => {
    expect(() => parseLimits(flags({ [name]: text }))).toThrow(message);
  });
});

it('reads a time limit in seconds', () => {
  expect(parseTimeout(flags({ timeout: '1.5' }))).toBe(1500);
  expect(parseTimeout(flags({}))).toBeUndefined();
  expect(() => parseTimeout(flags({ timeout: '0' }))).toThrow('--timeout must be a number above 0');
});

it('reads variables, whose values may hold anything', () => {
  expect(parseVariables(['A=1', 'B=x=y', 'C='])).toEqual({ A: '1', B: 'x=y', C: '' });
  expect(parseVariables()).toEqual({});
  for (const text of ['A', '=1', ''])
    expect(() => parseVariables([text])).toThrow('--env must be NAME=VALUE');
});

it('takes the values of secrets from the environment, and repeats none that was typed', () => {
  const secrets = readSecrets({ env: { TOKEN: 'value', EMPTY: '' } }, ['TOKEN']);
  expect(secrets['TOKEN']?.reveal()).toBe('value');
  expect(() => readSecrets({ env: {} }, ['NONE'])).toThrow('--secret: NONE is not set');
  expect(() => readSecrets({ env: { EMPTY: '' } }, ['EMPTY'])).toThrow('EMPTY is not set');
  let message = '';
  try {
    readSecrets({ env: {} }, ['TOKEN=typed-value']);
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('the name of a variable');
  expect(message).not.toContain('typed-value');
});
