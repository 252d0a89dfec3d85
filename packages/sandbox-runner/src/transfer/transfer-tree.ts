import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rename } from 'node:fs/promises';
import type { ExecResult, OutputChunk, TransferOptions } from '@agentswarm/core';
import { errnoOf } from '../errors.ts';
import { createAllowance } from './allowance.ts';
import { packTree } from './pack-tree.ts';
import { readTar } from './read-tar.ts';
import { transferRefused } from './transfer-refused.ts';
import { unpackTree } from './unpack-tree.ts';
import { scriptFailure, startScript, type InsidePath, type RunInside } from '../inside/inside-command.ts';
import { PACK_FOLDER, UNPACK_FOLDER } from '../inside/inside-scripts.ts';
import { removeTree } from './remove-tree.ts';

export interface TreeTransfer extends TransferOptions {
  readonly path: InsidePath;
  readonly hostFolder: string;
}

/** Copies a folder of the host into a sandbox: the host gives an archive, a command inside unpacks it. */
export async function uploadTree(run: RunInside, transfer: TreeTransfer): Promise<void> {
  const { path, hostFolder, maxBytes, signal } = transfer;
  const giveUp = new AbortController();
  const either = signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, signal]);
  const packing = { left: createAllowance(maxBytes), signal: either };
  const archive = packTree(hostFolder, packing);
  const stdin = (async function* () {
    try {
      yield* archive;
    } catch (error) {
      // What is to be sent ends here, and the command with it.
      giveUp.abort(error);
    }
  })();
  try {
    const exec = startScript(run, { script: UNPACK_FOLDER, path, stdin, signal: either });
    requireDone(path, await exec.result, either);
  } finally {
    await archive.return(undefined);
  }
}

/** Copies a folder of a sandbox to the host: a command inside gives an archive, the host unpacks it beside its place. */
export async function downloadTree(run: RunInside, transfer: TreeTransfer): Promise<void> {
  const { path, hostFolder, maxBytes, signal } = transfer;
  await requireFree(hostFolder);
  const staged = `${hostFolder}.${randomBytes(8).toString('hex')}.part`;
  const giveUp = new AbortController();
  const either = signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, signal]);
  await mkdir(staged, { mode: 0o700 });
  try {
    const exec = startScript(run, { script: PACK_FOLDER, path, signal: either });
    const left = createAllowance(maxBytes);
    const unpacked = unpackTree(readTar(standardOutput(exec.output)), {
      folder: staged,
      left,
      signal: either,
    });
    // Who stops reading ends the command, which would otherwise wait for ever.
    await unpacked.catch((error: unknown) => giveUp.abort(error));
    requireDone(path, await exec.result, either);
    await rename(staged, hostFolder).catch((cause: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(cause) ?? '')) throw cause;
      throw transferRefused(`${hostFolder} exists already`, cause);
    });
  } catch (error) {
    await removeTree(staged);
    throw error;
  }
}

async function* standardOutput(output: AsyncIterable<OutputChunk>): AsyncGenerator<Uint8Array> {
  for await (const { stream, bytes } of output) if (stream === 'stdout') yield bytes;
}

async function requireFree(hostFolder: string): Promise<void> {
  try {
    await lstat(hostFolder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  throw transferRefused(`${hostFolder} exists already`);
}

function requireDone({ relative }: InsidePath, result: ExecResult, signal: AbortSignal): void {
  const failure = scriptFailure(result, signal);
  if (failure !== undefined) throw transferRefused(`${relative} ${failure.why}`);
}
