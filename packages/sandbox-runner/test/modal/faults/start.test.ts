import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@agentswarm/core';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import type { ModalBackendOptions } from '../../../src/index.ts';
import { SHIM_SCHEMA_VERSION } from '../../../src/modal/protocol/messages.ts';
import { temporaryFolder } from '../../local-machine.ts';
import { describeWithPython, infraFolder, type FakeModal } from '../fake-modal.ts';
import { modalBackend, modalOptions, startModalMachine } from '../modal-machine.ts';
import { ownShims } from './remote-task.ts';

/** An interpreter of the system, without what the project installs. */
const PLAIN_PYTHON = '/usr/bin/python3';

describeWithPython('a Python side that is not as it must be', () => {
  let modal: FakeModal;
  let folder: string;
  beforeAll(async () => {
    modal = await startModalMachine();
    folder = await mkdtemp(join(tmpdir(), 'agentswarm-start-'));
  });
  afterAll(async () => {
    await modal[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Expects every use of a backend to be refused, for good and with advice, and to leave nothing. */
  async function refuses(change: Partial<ModalBackendOptions>, said: RegExp): Promise<void> {
    const root = temporaryFolder('modal');
    await using backend = modalBackend(modal, { root, ...change });
    const uses = [
      () => backend.create({ labels: { run: 'run-start', purpose: 'command' } }),
      () => backend.list({}),
    ];
    for (const use of uses) {
      await expect(use()).rejects.toMatchObject({
        code: 'SANDBOX_REMOTE_REFUSED',
        message: expect.stringMatching(said) as string,
        traits: { kind: 'config', retryable: false },
      });
    }
    expect(ownShims()).toEqual([]);
    const records = await readdir(root, { recursive: true });
    expect(records.filter((name) => name.includes('sbx-'))).toEqual([]);
    expect(await modal.ask('sandboxes')).toEqual([]);
  }

  const shim = (change: Partial<ModalBackendOptions['shim']>) => {
    return { shim: { ...modalOptions(modal).shim, ...change } };
  };
  const account = (change: Partial<ModalBackendOptions['account']>) => {
    const { credentials: _credentials, ...rest } = modalOptions(modal).account;
    return { account: { ...rest, ...change } };
  };

  it('may be missing', async () => {
    const python = '/nonexistent/python';
    await refuses(shim({ python }), /could not be started .*ENOENT.* To mend it, set up the Python side/);
  });

  it('may be elsewhere', async () => {
    await refuses(shim({ folder }), /exit code 1\. To mend it, set up the Python side/);
  });

  it('may lack the SDK', async (context: TestContext) => {
    if (!existsSync(PLAIN_PYTHON)) context.skip('no interpreter of the system');
    const said = /modal is not installed.* To mend it, install the Python side/;
    await refuses(shim({ python: PLAIN_PYTHON }), said);
  });

  it('may speak another version of the messages', async () => {
    await cp(join(infraFolder, 'modal_shim'), join(folder, 'modal_shim'), { recursive: true });
    const schema = join(folder, 'modal_shim', 'schema.json');
    const document = JSON.parse(await readFile(schema, 'utf8')) as { version: number };
    await writeFile(schema, JSON.stringify({ ...document, version: SHIM_SCHEMA_VERSION + 1 }));
    const versions = `version ${SHIM_SCHEMA_VERSION + 1} of the messages, not ${SHIM_SCHEMA_VERSION}`;
    await refuses(shim({ folder }), new RegExp(`${versions}.* update the Python side`));
  });

  it('may have no account, or one that is refused', async () => {
    await refuses(account({}), /To mend it, log in with `modal token new`/);
    const credentials = { tokenId: new Secret('ak-other'), tokenSecret: new Secret('as-canary-417') };
    await refuses(account({ credentials }), /^(?!.*as-canary-417).*To mend it, log in/);
  });
});
