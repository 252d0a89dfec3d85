import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFrameFile } from './frame-file.ts';

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'frame-file-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test('appends whole lines, which are in the file at once', () => {
  using place = folder();
  const file = join(place.path, 'frames');
  writeFileSync(file, 'before\n');
  const writeLine = openFrameFile(file, (error) => expect(error).toBeUndefined());
  writeLine('one');
  expect(readFileSync(file, 'utf8')).toBe('before\none\n');
  writeLine('ä');
  expect(readFileSync(file, 'utf8')).toBe('before\none\nä\n');
});

test('writes through no link', () => {
  using place = folder();
  symlinkSync(join(place.path, 'elsewhere'), join(place.path, 'frames'));
  expect(() => openFrameFile(join(place.path, 'frames'), () => undefined)).toThrow(/ELOOP/);
});

test('goes on when a line cannot be written', ({ skip }) => {
  if (process.platform !== 'linux') skip('needs /dev/full');
  const lost: unknown[] = [];
  const writeLine = openFrameFile('/dev/full', (error) => lost.push(error));
  writeLine('one');
  writeLine('two');
  expect(lost).toMatchObject([{ code: 'ENOSPC' }, { code: 'ENOSPC' }]);
});
