import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { homedir, networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Sandbox, SandboxBackend } from '@agentswarm/core';
import { createSourceRepository } from '../../src/conformance/source-repository.ts';
import { cannotIsolate, localBackend, temporaryFolder } from '../local-machine.ts';
import type { EscapeHost, Isolation } from './attempt.ts';

/** Something worth stealing; every test process has its own. */
export const CANARY = `canary-${process.pid}-${Math.random().toString(36).slice(2)}`;
const TIMEOUT_MS = 30_000;

/** Plants everything. Nothing that exists is touched, and all of it goes with the host. */
export async function plantHost(): Promise<EscapeHost> {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await createSourceRepository());
  const outside = temporaryFolder('outside');
  writeFileSync(join(outside, 'secret'), CANARY);
  const backends = openBackends(stack);
  const others = await openOthers(stack, backends);
  const services = await startServices(stack);
  const secret = openSync(join(outside, 'secret'), 'r');
  const env = { PATH: process.env['PATH'], CANARY };
  const victim = spawn('sleep', ['600'], { stdio: [secret, 'ignore', 'ignore'], env });
  closeSync(secret);
  stack.defer(() => void victim.kill('SIGKILL'));

  const backendOf = (isolation: Isolation) => {
    const found = backends.get(isolation);
    if (found === undefined) throw new Error(`no backend with isolation ${isolation}`);
    return found;
  };
  const host: EscapeHost = {
    outside,
    home: homedir(),
    credentials: plantCredentials(stack),
    source,
    handle: handleOf(join(outside, 'secret')),
    victim: victim.pid ?? 0,
    sharedMemory: shareMemory(stack),
    ...services,
    address: Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.internal === false && address.family === 'IPv4')?.address,
    run: async (isolation, attempt) => {
      const { backend, root } = backendOf(isolation);
      await using sandbox = await backend.create({
        labels: { run: 'run-escape', purpose: 'command' },
        source: source.at(source.commit),
        network: attempt.network ?? 'none',
        ...attempt.spec,
      });
      const script = attempt.script({ host, root });
      return await sandbox.exec({ command: ['bash', '-c', script], timeoutMs: TIMEOUT_MS }).result;
    },
    open: async (isolation) =>
      stack.use(
        await backendOf(isolation).backend.create({
          labels: { run: 'run-escape', purpose: 'command' },
          source: source.at(source.commit),
        }),
      ),
    missing: async (isolation, needs) => {
      for (const program of needs) {
        const command: [string, ...string[]] = ['sh', '-c', `command -v ${program}`];
        const found = await others.get(isolation)?.exec({ command }).result;
        if (found?.exitCode !== 0) return `there is no ${program} here`;
      }
      return undefined;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
  return host;
}

interface Backend {
  readonly backend: SandboxBackend;
  readonly root: string;
}

function openBackends(stack: AsyncDisposableStack): ReadonlyMap<Isolation, Backend> {
  const isolations: readonly Isolation[] = cannotIsolate === undefined ? ['auto', 'none'] : ['none'];
  return new Map(
    isolations.map((isolation) => {
      const root = temporaryFolder(`root-${isolation}`);
      return [isolation, { root, backend: stack.use(localBackend(isolation, { root })) }];
    }),
  );
}

/** Another sandbox in each backend, with a secret in its HOME and its control folder. */
async function openOthers(
  stack: AsyncDisposableStack,
  backends: ReadonlyMap<Isolation, Backend>,
): Promise<ReadonlyMap<Isolation, Sandbox>> {
  const others = new Map<Isolation, Sandbox>();
  for (const [isolation, { backend }] of backends) {
    const other = stack.use(await backend.create({ labels: { run: 'run-other', purpose: 'command' } }));
    await other.exec({ command: ['sh', '-c', `echo ${CANARY} >"$HOME/secret"`] }).result;
    await other.writeFile(`${other.paths.control}/secret`, CANARY);
    others.set(isolation, other);
  }
  return others;
}

function handleOf(file: string): string | undefined {
  const program = `my %call = (x86_64 => 303, aarch64 => 264); my $machine = qx(uname -m); chomp $machine;
my ($path, $mount) = ("$ARGV[0]\\0", pack("i", 0)); my $handle = pack("Ii", 128, 0) . "\\0" x 128;
exit 1 if syscall($call{$machine}, -100, $path, $handle, $mount, 0) != 0; print unpack("H*", $handle);`;
  const found = spawnSync('/usr/bin/env', ['perl', '-e', program, file], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout : undefined;
}

function shareMemory(stack: AsyncDisposableStack): string | undefined {
  const made = spawnSync('/usr/bin/env', ['perl', '-e', 'print shmget(0, 4096, 01600);'], {
    encoding: 'utf8',
  });
  if (made.status !== 0) return undefined;
  stack.defer(() => void spawnSync('/usr/bin/env', ['perl', '-e', 'shmctl($ARGV[0], 0, 0)', made.stdout]));
  return made.stdout;
}

function plantCredentials(stack: AsyncDisposableStack): string {
  const folder = join(homedir(), `.agentswarm-escape-${process.pid}-${CANARY.slice(-6)}`);
  for (const name of ['.npmrc', '.netrc', '.gitconfig', '.ssh/id_ed25519', '.aws/credentials']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${CANARY}\n`);
  }
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startServices(stack: AsyncDisposableStack) {
  const listening = async (server: Server, ...where: unknown[]) => {
    (server.listen as (...args: unknown[]) => void).apply(server, where);
    await once(server, 'listening');
    stack.defer(() => void server.close());
    return server;
  };
  const answering = () => createServer((socket) => socket.on('error', () => socket.destroy()).end(CANARY));
  const tcp = await listening(answering(), 0, hasIpv6() ? '::' : '0.0.0.0');
  const udp = createSocket('udp4');
  udp.on('message', (_message, sender) => udp.send(CANARY, sender.port, sender.address));
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  stack.defer(() => void udp.close());

  const abstractSocket = `agentswarm-escape-${CANARY}`;
  if (process.platform === 'linux') await listening(answering(), { path: `\0${abstractSocket}` });
  const sockets: string[] = [];
  for (const path of socketPlaces()) {
    if (!canMake(stack, dirname(path))) continue;
    await listening(answering(), path);
    sockets.push(path);
  }
  return {
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    sockets,
    abstractSocket,
  };
}

/** Whether this machine knows IPv6 at all. */
export function hasIpv6(): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.address === '::1');
}

/** Beside the real ones of docker, D-Bus, Wayland, X11, ssh-agent and gpg-agent, never in their place. */
function socketPlaces(): string[] {
  const own = `agentswarm-escape-${process.pid}-${CANARY.slice(-6)}`;
  return [
    `/run/${own}/docker.sock`,
    `/var/run/${own}-dbus/system_bus_socket`,
    `/run/${own}-user/wayland-0`,
    join(homedir(), `.${own}`, 'S.gpg-agent'),
    join(tmpdir(), own, 'ssh-agent.1'),
    join(tmpdir(), `.X11-${own}`, 'X9'),
  ];
}

function canMake(stack: AsyncDisposableStack, folder: string): boolean {
  try {
    const made = mkdirSync(folder, { recursive: true });
    if (made !== undefined) stack.defer(() => rmSync(made, { recursive: true, force: true }));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}
