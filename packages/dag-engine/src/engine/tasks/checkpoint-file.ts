import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

const EXTENSION = '.json';
/** What file systems allow is 255 bytes; a checkpoint is written beside its name first, as `NAME.json.new`. */
const MAX_NAME = 255 - `${EXTENSION}.new`.length;
/** Stands in no name that is whole. */
const CUT = '%%';
const DIGEST_LENGTH = 64;
const FIRST_PRINTABLE = /^[A-Za-z0-9_-]$/;

/**
 * Names a file or folder after an id that may be anything: letters, digits, `_`, `-` and inner dots
 * stay, every other byte of its UTF-8 form becomes `%XX`; where that is too long for a file system its end
 * gives way to `%%` and the SHA-256 of the id. Different ids have different names, and none is empty, hidden
 * or a path.
 */
export function fileNameOf(id: string): string {
  const name = wholeNameOf(id);
  if (name.length <= MAX_NAME) return name;
  const kept = name.slice(0, MAX_NAME - CUT.length - DIGEST_LENGTH).replace(/%.?$/, '');
  return `${kept}${CUT}${createHash('sha256').update(id).digest('hex')}`;
}

function wholeNameOf(id: string): string {
  if (id === '') return '%';
  return [...Buffer.from(id, 'utf8')]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      const stays = FIRST_PRINTABLE.test(character) || (character === '.' && index > 0);
      return stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** Where a task's checkpoint is, below the state root, with `/`. */
export function checkpointPath(projectId: string, taskId: string): string {
  return `${checkpointFolder(projectId)}/${fileNameOf(taskId)}${EXTENSION}`;
}

export function checkpointFolder(projectId: string): string {
  return `tasks/${fileNameOf(projectId)}`;
}

/** Whether a name does not say the whole id, so that only the checkpoint in the file does. */
export function isShortened(name: string): boolean {
  return name.endsWith(EXTENSION) && name.includes(CUT);
}

/** The id a checkpoint is named after; `null` for a shortened name and for any other file. */
export function taskIdOfFile(name: string): string | null {
  if (!name.endsWith(EXTENSION)) return null;
  const encoded = name.slice(0, -EXTENSION.length);
  if (encoded === '%') return '';
  const bytes = encoded.replaceAll(/%([0-9A-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const id = Buffer.from(bytes, 'latin1').toString('utf8');
  return id !== '' && fileNameOf(id) === encoded ? id : null;
}
