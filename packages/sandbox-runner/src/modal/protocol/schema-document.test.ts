import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createSchemaDocument } from './schema-document.ts';

const SCHEMA_FILE = new URL('../../../../../infra/modal_shim/schema.json', import.meta.url);

it('is what the shim checks against: npm run schema:shim', async () => {
  const written: unknown = JSON.parse(await readFile(SCHEMA_FILE, 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(createSchemaDocument())));
});
