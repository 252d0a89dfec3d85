import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { createSchemaDocument } from '../packages/sandbox-runner/src/modal/protocol/schema-document.ts';
import { repositoryRoot } from './checks/run-tool.ts';

const file = join(repositoryRoot, 'infra', 'modal_shim', 'schema.json');
const text = JSON.stringify(createSchemaDocument(), undefined, 2);
await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
