import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GUARD_INSIDE, WORKER_INSIDE } from './open-modal.ts';
import { MODAL_SDK } from './python-side.ts';

const infraFile = (name: string) =>
  readFileSync(new URL(`../../../../infra/${name}`, import.meta.url), 'utf8');

it('asks for the SDK that the Python side is locked to', () => {
  expect(infraFile('requirements.txt')).toContain(`\nmodal==${MODAL_SDK} `);
});

it('starts the programs that the image of remote sandboxes holds', () => {
  const image = infraFile('sandbox_image.py');
  const root = /^WORKER_PATH = "(.+)"$/m.exec(image)?.[1];
  expect(WORKER_INSIDE[1]).toBe(`${root}/packages/worker/dist/main.js`);
  expect(GUARD_INSIDE[1]).toBe(`${root}/packages/sandbox-runner/dist/guard.js`);
});
