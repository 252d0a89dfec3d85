import { open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LlmError } from '../errors.ts';
import { lockBudgetFile } from './budget-file-lock.ts';
import { formatBudgetLine, parseBudgetLines } from './budget-lines.ts';
import type { BudgetStore } from './budget-store.ts';
import { createGroupCommit } from './group-commit.ts';

/**
 * Keeps the entries of a budget in a file, one JSON line each; makes it where it is missing, its folder must exist.
 * A last line that was cut by a crash is removed. One process at a time: the lock is a file `<path>.lock.<host>.<pid>`
 * and is taken over from a process that has died.
 *
 * @throws {LlmError} BUDGET_UNREADABLE naming the damaged line; BUDGET_UNWRITABLE when another process holds the file
 * or the system refuses.
 */
export async function openBudgetFile(path: string): Promise<BudgetStore> {
  const lock = await orUnwritable(path, () => lockBudgetFile(path));
  try {
    const file = await openWhole(path);
    return storeOf(path, file, lock);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function storeOf(path: string, file: FileHandle, lock: AsyncDisposable): BudgetStore {
  const commit = createGroupCommit((text) =>
    orUnwritable(path, async () => {
      await file.appendFile(text);
      await file.datasync();
    }),
  );
  let closed: Promise<void> | undefined;
  const close = async () => {
    await commit.idle();
    try {
      await file.close();
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  };
  return {
    async read() {
      await commit.idle();
      return parseBudgetLines(await readFile(path), path).entries;
    },
    async append(entry) {
      if (closed !== undefined)
        throw new LlmError('BUDGET_UNWRITABLE', `${path} is closed`, { details: { path } });
      await commit.append(formatBudgetLine(entry));
    },
    close: () => (closed ??= close()),
  };
}

/** Opens the file for appending after its last complete line. */
async function openWhole(path: string): Promise<FileHandle> {
  const file = await orUnwritable(path, () => open(path, 'a+', 0o600));
  try {
    const content = await orUnwritable(path, () => readFile(file));
    const { bytes } = parseBudgetLines(content, path);
    await orUnwritable(path, async () => {
      if (bytes < content.length) await file.truncate(bytes);
      await file.sync();
      await syncFolder(dirname(resolve(path)));
    });
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A new file is lost with its name unless its folder is durable, too. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

async function orUnwritable<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof LlmError) throw cause;
    throw new LlmError('BUDGET_UNWRITABLE', `${path} cannot be used`, { cause, details: { path } });
  }
}
