import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Secret, type Logger } from '@agentswarm/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../../src/conformance/source-repository.ts';
import { errnoOf } from '../../../src/errors.ts';
import { runTask } from '../../../src/index.ts';
import { sandboxLabel } from '../../../src/process/process-table.ts';
import { temporaryFolder } from '../../local-machine.ts';
import { describeWithPython, type FakeModal } from '../fake-modal.ts';
import { modalBackend, modalOptions, startModalMachine } from '../modal-machine.ts';
import { ownShim, remoteTask, watch } from './remote-task.ts';

const HAS_PROC = process.platform === 'linux';
const GATEWAY_TOKEN = 'canary-gateway-5501';
const SPEC_SECRET = 'canary-spec-5502';
const PROVIDER_KEY = 'canary-provider-5503';

describeWithPython('the secrets of a task in a remote sandbox', () => {
  let modal: FakeModal;
  let source: SourceRepository;
  beforeAll(async () => {
    modal = await startModalMachine();
    source = await createSourceRepository();
  });
  afterAll(async () => {
    await modal[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  it('are where they are needed, and nowhere else', async () => {
    const secrets = [GATEWAY_TOKEN, SPEC_SECRET, PROVIDER_KEY, modal.hello.tokenSecret];
    const root = temporaryFolder('secrets');
    const told: string[] = [];
    const { shim, account } = modalOptions(modal);
    const env = { ...shim.env, OPENAI_API_KEY: PROVIDER_KEY, MODAL_TOKEN_SECRET: modal.hello.tokenSecret };
    await using backend = modalBackend(modal, {
      root,
      account,
      shim: { ...shim, env },
      logger: listeningLogger(told),
    });
    const options = remoteTask(backend, source, 'talksSlowly');
    const run = runTask({
      ...options,
      spec: { ...options.spec, secrets: { SPEC_SECRET: new Secret(SPEC_SECRET) } },
      gatewayToken: new Secret(GATEWAY_TOKEN),
      logger: listeningLogger(told),
    });
    const look = async () => {
      const label = sandboxLabel(await run.sandboxId);
      for (const secret of secrets) {
        expect(await modal.ask('find', { text: secret }), secret).toEqual([]);
        expect(filesWith(root, secret), secret).toEqual([]);
        expect(arguments_(), secret).not.toContain(secret);
      }
      const holders = environments().filter((text) => secrets.some((secret) => text.includes(secret)));
      // The commands of the sandbox have its own secrets, and nobody has any other.
      expect(holders.length > 0).toBe(HAS_PROC);
      for (const text of holders) {
        expect(text.split('\0')).toContain(label);
        expect(secrets.filter((secret) => text.includes(secret))).toEqual([SPEC_SECRET]);
      }
    };
    const { result } = await watch(run, async (count) => {
      if (count === 5) await look();
      // What goes wrong is told, too.
      if (count === 10) process.kill(ownShim(), 'SIGKILL');
      if (count === 30)
        await modal.ask('fault', { rpc: 'TaskExecStart', kind: 'refuse', status: 'INTERNAL' });
    });
    expect(result.status).toBe('handed_off');
    await using sandbox = await backend.create({
      labels: { run: 'run-secrets', purpose: 'command' },
      secrets: { SPEC_SECRET: new Secret(SPEC_SECRET) },
    });
    const asked = await sandbox.exec({ command: ['sh', '-c', 'echo "$SPEC_SECRET"; env'] }).result;
    expect(asked.stdout).toMatch(new RegExp(`^${SPEC_SECRET}\n`));
    for (const secret of [GATEWAY_TOKEN, PROVIDER_KEY, modal.hello.tokenSecret]) {
      expect(asked.stdout).not.toContain(secret);
    }
    const broken = await sandbox.exec({ command: ['/nonexistent'], stdin: new Secret(GATEWAY_TOKEN) }).result;
    const errors = await Promise.allSettled([
      sandbox.readFile(`${sandbox.paths.control}/missing`),
      backend.create({ labels: { run: 'run-secrets', purpose: 'command' }, image: 'unknown' }),
    ]);
    const tags = await modal.ask('sandboxes');
    const shown = inspect({ result, broken, errors, tags, told }, { depth: 20, maxStringLength: null });
    expect(told.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(shown, secret).not.toContain(secret);
  });
});

/** Keeps all it is told, errors with all that belongs to them. */
function listeningLogger(told: string[]): Logger {
  const listen = (fields: object, message: string) => {
    told.push(`${message} ${inspect(fields, { depth: 20, maxStringLength: null, showHidden: true })}`);
  };
  const logger: Logger = { debug: listen, info: listen, warn: listen, error: listen, child: () => logger };
  return logger;
}

/** Names and contents; a record may be replaced meanwhile. */
function filesWith(folder: string, text: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const names = files.map(({ parentPath, name }) => join(parentPath, name));
  return names.filter((name) => name.includes(text) || readIfThere(name).includes(text));
}

/** The arguments of all processes, inside sandboxes as well. */
function arguments_(): string {
  return execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

/** The environments of all processes but this one, where the system shows them. */
function environments(): readonly string[] {
  if (!HAS_PROC) return [];
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid);
  return pids.map((pid) => readIfThere(`/proc/${pid}/environ`));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return '';
    throw error;
  }
}
