import { constants } from 'node:fs';
import { mkdir, open, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.ts';
import { errnoOf } from './system-failure.ts';
import type { Location } from './locate.ts';

/** How entries of an open directory are named: by descriptor where the system can, else by path. */
export type Addressing = 'descriptor' | 'path';

const ADDRESSING: Addressing = process.platform === 'linux' ? 'descriptor' : 'path';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A directory held open, so that swapping its path for a symlink does not lead elsewhere. */
export class OpenDirectory implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #addressing: Addressing;

  private constructor(handle: FileHandle, at: { readonly path: string; readonly addressing: Addressing }) {
    this.#handle = handle;
    this.#path = at.path;
    this.#addressing = at.addressing;
  }

  static async open(path: string, addressing: Addressing): Promise<OpenDirectory> {
    return new OpenDirectory(await open(path, DIRECTORY), { path, addressing });
  }

  /** The directory itself, for system calls. */
  get address(): string {
    return this.#addressing === 'descriptor' ? `/proc/self/fd/${this.#handle.fd}` : this.#path;
  }

  /** An entry, for system calls that do not follow it when it is a symlink. */
  entry(name: string): string {
    return join(this.address, name);
  }

  /** Opens a directory in this one; a symlink there is refused. */
  async enter(name: string): Promise<OpenDirectory> {
    const handle = await open(this.entry(name), DIRECTORY);
    return new OpenDirectory(handle, { path: join(this.#path, name), addressing: this.#addressing });
  }

  async make(name: string): Promise<void> {
    try {
      await mkdir(this.entry(name));
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }

  /** Where entries are named by path, makes sure that the path still leads here. */
  async verify(): Promise<void> {
    if (this.#addressing === 'descriptor') return;
    const real = await realpath(this.#path);
    if (real !== this.#path)
      throw new ToolError('TOOL_PATH_ESCAPE', `"${this.#path}" was replaced meanwhile`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/**
 * Opens the directory that `names` lead to, one name at a time and following no symlink, so that what was swapped
 * since the place was located is refused (ELOOP, ENOTDIR) instead of followed. With `create`, makes what is missing.
 */
export async function openDirectory(
  { realRoot, names }: Pick<Location, 'realRoot' | 'names'>,
  {
    create = false,
    addressing = ADDRESSING,
  }: { readonly create?: boolean; readonly addressing?: Addressing } = {},
): Promise<OpenDirectory> {
  let directory = await OpenDirectory.open(realRoot, addressing);
  for (const name of names) {
    await using parent = directory;
    if (create) await parent.make(name);
    directory = await parent.enter(name);
  }
  await directory.verify();
  return directory;
}
