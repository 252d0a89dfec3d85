import { Buffer } from 'node:buffer';

const EXTENSION = '.json';
const FIRST_PRINTABLE = /^[A-Za-z0-9_-]$/;

/**
 * Names a file or folder after an id that may be anything: letters, digits, `_`, `-` and inner dots
 * stay, every other byte of its UTF-8 form becomes `%XX`. Different ids have different names, and none
 * is empty, hidden or a path.
 */
export function fileNameOf(id: string): string {
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

/** The id a checkpoint is named after; `null` for any other file. */
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
