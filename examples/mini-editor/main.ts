import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStreamTerminal } from '@agentswarm/dag-engine/engine';
import { openMiniEditor } from './open-mini-editor.ts';

const workspace = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'mini-editor-'));
await using engine = await openMiniEditor(workspace, { stateRoot: join(workspace, '.agent_engine') });
await using terminal = createStreamTerminal({
  input: process.stdin,
  output: process.stdout,
  isInteractive: process.stdin.isTTY && process.stdout.isTTY,
});
const repl = await engine.createRepl({ terminal });
terminal.print(`Documents go to ${join(workspace, 'documents')}; the model is a script.`);
await repl.run();
