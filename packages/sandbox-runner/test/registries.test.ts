import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { cannotIsolate, localBackend } from './local-machine.ts';
import { startLocalServer } from './local-registry.ts';

const registry = await startLocalServer((request, response) => {
  response.end(`${request.method} ${request.url} host=${request.headers.host}`);
});
const other = await startLocalServer((_request, response) => response.end('out of bounds'));
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

/** Runs a script in a sandbox whose only registry is `registry`. */
async function runWithRegistries(command: readonly [string, ...string[]], env: Record<string, string> = {}) {
  await using backend = localBackend('auto', { registry: { env, urls: [registry.url] } });
  await using sandbox = await backend.create({
    labels: { run: 'run-registries', purpose: 'gate' },
    network: 'registries',
  });
  return await sandbox.exec({ command, timeoutMs: 20_000 }).result;
}

/** Opens a tunnel to argument 1, asks for `/pkg` through it, and writes all that comes back. */
const THROUGH_TUNNEL = `
const [to] = process.argv.slice(1);
const proxy = new URL(process.env.HTTPS_PROXY);
const socket = require('node:net').connect(proxy.port, proxy.hostname);
socket.write('CONNECT ' + to + ' HTTP/1.1\\r\\nhost: ' + to + '\\r\\n\\r\\n');
socket.once('data', (answer) => {
  process.stdout.write(answer);
  socket.write('GET /pkg HTTP/1.1\\r\\nhost: registry\\r\\nconnection: close\\r\\n\\r\\n');
  socket.pipe(process.stdout);
});
socket.on('error', (error) => { throw error; });`;

describe.skipIf(cannotIsolate !== undefined)('network registries of an isolated sandbox', () => {
  it('forwards plain HTTP to a registry on loopback, with its own Host', async () => {
    const result = await runWithRegistries(['curl', '-sS', `${registry.url}/pkg?v=1`]);
    expect(result).toMatchObject({
      exitCode: 0,
      stdout: `GET /pkg?v=1 host=127.0.0.1:${registry.port}`,
      stderr: '',
    });
  });

  it('tunnels plain HTTP to a registry, with its own Host', async () => {
    const to = `127.0.0.1:${registry.port}`;
    const { stdout } = await runWithRegistries(['node', '-e', THROUGH_TUNNEL, to]);
    expect(stdout).toMatch(/^HTTP\/1\.1 200 Connection established\r\n/);
    expect(stdout).toMatch(new RegExp(`GET /pkg host=${to}$`));
  });

  it('refuses a tunnel and a request to anything else with 403 and a reason', async () => {
    const to = `127.0.0.1:${other.port}`;
    const tunnelled = await runWithRegistries(['node', '-e', THROUGH_TUNNEL, to]);
    expect(tunnelled.stdout).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(tunnelled.stdout).toContain(`and 127.0.0.1:${other.port} is none`);
    expect(tunnelled.stdout).not.toContain('out of bounds');
    const asked = await runWithRegistries([
      'curl',
      '-sS',
      '-x',
      'http://127.0.0.1:48128',
      '--noproxy',
      '',
      other.url,
    ]);
    expect(asked.stdout).toContain(`and 127.0.0.1:${other.port} is none`);
  });

  it('reaches nothing but the proxy', async () => {
    for (const port of [registry.port, other.port]) {
      const direct = await runWithRegistries(['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
      expect(direct.exitCode).not.toBe(0);
    }
    const interfaces = await runWithRegistries(['sh', '-c', 'tail -n +3 /proc/net/dev | cut -d: -f1']);
    expect(interfaces.stdout.trim()).toBe('lo');
  });

  it('lets a command reach its own servers without the proxy', async () => {
    const script = `
require('node:http').createServer((_, answer) => answer.end('own')).listen(0, '::1', function () {
  require('node:child_process').execFile('curl', ['-sS', 'http://[::1]:' + this.address().port], (error, out) => {
    process.stdout.write(error ? String(error) : out);
    process.exit();
  });
});`;
    expect((await runWithRegistries(['node', '-e', script])).stdout).toBe('own');
  });

  it('shows a command the settings of the backend but no child it did not start', async () => {
    const script = 'echo "$npm_config_registry"; wait; cat /proc/$$/task/$$/children';
    const result = await runWithRegistries(['sh', '-c', script], { npm_config_registry: registry.url });
    expect(result.stdout).toMatch(new RegExp(`^${registry.url}\\n\\d* ?$`));
    const children = result.stdout.split('\n')[1]?.trim().split(' ').filter(Boolean) ?? [];
    // `cat` itself is one.
    expect(children).toHaveLength(1);
  });

  it('lets npm ask a registry it was told of', async () => {
    const versions = { '1.2.3': { name: 'pkg', version: '1.2.3', dist: {} } };
    const manifest = JSON.stringify({ name: 'pkg', 'dist-tags': { latest: '1.2.3' }, versions });
    await using npmRegistry = await startLocalServer((_request, response) => response.end(manifest));
    await using backend = localBackend('auto', {
      registry: {
        env: { npm_config_registry: npmRegistry.url, npm_config_fetch_retries: '0' },
        urls: [npmRegistry.url],
      },
    });
    await using sandbox = await backend.create({
      labels: { run: 'run-npm', purpose: 'gate' },
      network: 'registries',
    });
    const result = await sandbox.exec({ command: ['npm', 'view', 'pkg', 'version'] }).result;
    expect(result).toMatchObject({ exitCode: 0, stdout: '1.2.3\n' });
  });
});

describe('the proxy of a host behind another proxy', () => {
  it('asks that one, and says what it answered', async () => {
    const asked: string[] = [];
    const upstream = createServer((socket) => {
      socket.once('data', (head) => {
        const line = head.toString().split('\r\n')[0] ?? '';
        asked.push(line);
        if (line.includes('one.example')) {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(connect(registry.port, '127.0.0.1')).pipe(socket);
        } else {
          socket.end('HTTP/1.1 407 Who are you\r\n\r\n');
        }
      });
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const HTTPS_PROXY = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const urls = ['http://one.example/', 'http://two.example/'];
    await using backend = localBackend('none', { registry: { env: { HTTPS_PROXY }, urls } });
    await using sandbox = await backend.create({
      labels: { run: 'run-upstream', purpose: 'gate' },
      network: 'registries',
    });
    const get = async (url: string) => (await sandbox.exec({ command: ['curl', '-sS', url] }).result).stdout;
    expect(await get('http://one.example/pkg')).toBe('GET /pkg host=one.example');
    expect(await get('http://two.example/pkg')).toContain('the proxy of the host answered 407');
    expect(asked).toEqual(['CONNECT one.example:80 HTTP/1.1', 'CONNECT two.example:80 HTTP/1.1']);
    upstream.close();
  });
});
