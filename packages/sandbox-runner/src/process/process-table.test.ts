import { expect, it } from 'vitest';
import { parseLabelledProcesses, readProcessStart, sandboxLabel } from './process-table.ts';

it('finds a label in the table of ps only as a whole word', () => {
  const table = [
    '  101 node worker.js AGENTSWARM_SANDBOX=sbx-1 HOME=/x',
    '  102 node worker.js AGENTSWARM_SANDBOX=sbx-12',
    '  103 sh -c true',
    '',
  ].join('\n');
  expect(parseLabelledProcesses(table, sandboxLabel('sbx-1'))).toEqual([101]);
});

it('tells a living process from none', async () => {
  expect(await readProcessStart(process.pid)).toMatch(/./);
  expect(await readProcessStart(process.pid)).toBe(await readProcessStart(process.pid));
  expect(await readProcessStart(process.ppid)).not.toBe(await readProcessStart(process.pid));
  expect(await readProcessStart(2 ** 22 + 1)).toBeUndefined();
});
