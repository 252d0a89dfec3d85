import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkpointPath, fileNameOf, isShortened, taskIdOfFile } from './checkpoint-file.ts';

const id = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[./\\%~:a-c\u0000-]*$/),
  fc.constantFrom('', '.', '..', '../x', '/etc/passwd', 'a.json', '%2E', 'CON', 'a\nb', '…'),
);

it('gives each id a name of its own, from which the id can be read', () => {
  fc.assert(
    fc.property(id, (taskId) => {
      const name = fileNameOf(taskId);
      expect(name).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9_.%-]*$/);
      expect(taskIdOfFile(`${name}.json`)).toBe(taskId);
    }),
    { numRuns: 1_000 },
  );
});

it('shortens what no file system takes, without two ids sharing a name', () => {
  const long = fc.string({ unit: 'binary', minLength: 247, maxLength: 400 });
  fc.assert(
    fc.property(long, long, (one, other) => {
      const [name, otherName] = [fileNameOf(one), fileNameOf(other)];
      expect(`${name}.json.new`.length).toBeLessThanOrEqual(255);
      expect(name).toMatch(/^(?:[A-Za-z0-9_-]|%[0-9A-F]{2})(?:[A-Za-z0-9_.-]|%[0-9A-F]{2})*%%[0-9a-f]{64}$/);
      expect(isShortened(`${name}.json`)).toBe(true);
      expect(taskIdOfFile(`${name}.json`)).toBeNull();
      expect(name === otherName).toBe(one === other);
    }),
  );
  const whole = 'a'.repeat(246);
  expect(fileNameOf(whole)).toBe(whole);
});

it('says where the checkpoint of a task is', () => {
  expect(checkpointPath('default', 'task-1')).toBe('tasks/default/task-1.json');
  expect(checkpointPath('../..', '/x')).toBe('tasks/%2E.%2F../%2Fx.json');
});

it.each(['task.json.new', '.hidden.json', 'a b.json', '%2e.json', 'readme.md', '%41.json', '%ZZ.json'])(
  'takes %s for no checkpoint',
  (name) => {
    expect(taskIdOfFile(name)).toBeNull();
  },
);
