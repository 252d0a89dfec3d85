import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveConfig, systemClock } from '@agentswarm/core';
import { probeEndpoint, type LlmEndpoint } from '@agentswarm/llm-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveEndpoints } from '../src/config/resolve-endpoints.ts';
import type { CliError } from '../src/errors.ts';
import { createLocalServer } from '../src/servers/local-server.ts';
import { createLocalServers } from '../src/servers/local-servers.ts';
import { findFreePort } from './free-port.ts';

const FIXTURE = fileURLToPath(new URL('./fixtures/model-server.ts', import.meta.url));

let directory: string;
let port: number;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-servers-test-'));
  port = await findFreePort();
});
afterEach(() => rmSync(directory, { recursive: true }));

const commandFor = (mode: string) => [
  process.execPath,
  FIXTURE,
  mode,
  String(port),
  join(directory, 'starts'),
];
const starts = () => readFileSync(join(directory, 'starts'), 'utf8').trim().split('\n');

async function serversFor(start: readonly string[]) {
  const entry = { name: 'own', endpoint: `http://127.0.0.1:${port}`, models: ['local'], start };
  const other = { name: 'other', endpoint: 'http://127.0.0.1:1' };
  const env = { PATH: process.env['PATH'], LLM_API_KEY: 'sk-canary-9' };
  const entries = { LLM_ENDPOINTS: JSON.stringify([entry, other]), LLM_API_KEY: env.LLM_API_KEY };
  const config = resolveConfig([{ origin: 'test', kind: 'text', entries }]);
  const endpoints = resolveEndpoints(config);
  const servers = await createLocalServers({ config, endpoints, context: { directory, env } });
  const [own, untouched] = servers.endpoints;
  expect(untouched).toEqual(endpoints[1]);
  return { servers, own: own as LlmEndpoint, start: async () => await own?.localServer?.start?.() };
}

it('starts a server once for all who ask, waits until it serves its model, and ends it', async () => {
  const { servers, own, start } = await serversFor(commandFor('slow'));
  await Promise.all([start(), start(), start()]);
  expect((await probeEndpoint(own)).models).toEqual(['local']);
  await start();
  expect(starts()).toEqual(['slow']);
  await servers[Symbol.asyncDispose]();
  await expect(probeEndpoint(own)).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  await expect(start()).rejects.toThrow('the command has ended');
});

it('ends what a server started itself, also when that does not listen', async () => {
  const { servers, own, start } = await serversFor(commandFor('wrapped'));
  await start();
  expect(starts()).toEqual(['wrapped', 'stubborn']);
  await servers[Symbol.asyncDispose]();
  const isUp = async () => {
    const [probe] = await Promise.allSettled([probeEndpoint(own)]);
    return probe.status === 'fulfilled';
  };
  await expect.poll(isUp).toBe(false);
});

it('tells how a server ended that came never up, what it printed last, and no key', async () => {
  const { servers, start } = await serversFor(commandFor('dies'));
  await using _ended = servers;
  const error: unknown = await start().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'CLI_SERVER_NOT_STARTED',
    message: expect.stringContaining(
      'endpoint own ended with exit code 7; it printed last: loading weights | out of memory, key ***',
    ),
  });
  const { outputPath } = (error as { details: { outputPath: string } }).details;
  await servers[Symbol.asyncDispose]();
  expect(readFileSync(outputPath, 'utf8')).toContain('loading weights');
  rmSync(dirname(outputPath), { recursive: true });
});

it('says that there is no such program', async () => {
  const { servers, start } = await serversFor([join(directory, 'no-such-program')]);
  await using _ended = servers;
  const [failed] = await Promise.allSettled([start()]);
  const { message, details } = (failed as PromiseRejectedResult).reason as CliError;
  expect(message).toMatch(/no-such-program for endpoint own could not be started: .*ENOENT/);
  rmSync(dirname(String(details['outputPath'])), { recursive: true });
});

it('gives up on a server that does not come up, lets a caller leave before, and starts no second one', async () => {
  const endpoint = { name: 'own', baseUrl: `http://127.0.0.1:${port}`, model: 'local' };
  const server = createLocalServer({
    endpoint,
    command: commandFor('never'),
    outputPath: join(directory, 'output'),
    context: { directory, env: { PATH: process.env['PATH'] } },
    redact: (text) => text,
    clock: systemClock,
    readyTimeoutMs: 2000,
  });
  const impatient = new AbortController();
  const left = expect(server.start(impatient.signal)).rejects.toThrow('no patience');
  impatient.abort(new DOMException('no patience', 'AbortError'));
  await left;
  await expect(server.start()).rejects.toThrow(
    /did not come up within 2 s: .*; it printed last: downloading/,
  );
  await expect(server.start()).rejects.toThrow('did not come up');
  expect(starts()).toEqual(['never']);
  expect(server.hasFailed).toBe(true);
  await server.end();
});
