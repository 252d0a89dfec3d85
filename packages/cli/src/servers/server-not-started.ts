import { readFile } from 'node:fs/promises';
import type { LlmEndpoint } from '@agentswarm/llm-client';
import { CliError } from '../errors.ts';
import type { ProcessEnd } from '../spawn.ts';

const SHOWN_LINES = 5;
const MAX_LINE_CHARS = 300;

/** A server and where it prints. */
export interface ServerOutput {
  readonly endpoint: LlmEndpoint;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly outputPath: string;
  /** Takes secrets out of what it printed. */
  readonly redact: (text: string) => string;
}

/** Says why a server is not there, with the last of what it printed and where all of it is. */
export async function serverNotStarted(server: ServerOutput, problem: string): Promise<CliError> {
  const { endpoint, command, outputPath, redact } = server;
  const lines = lastLines(redact(await readFile(outputPath, 'utf8')));
  const printed = lines.length === 0 ? 'it printed nothing' : `it printed last: ${lines.join(' | ')}`;
  return new CliError(
    'CLI_SERVER_NOT_STARTED',
    `${command[0] ?? ''} for endpoint ${endpoint.name} ${problem}; ${printed} (all of it is in ${outputPath})`,
    { details: { endpoint: endpoint.name, outputPath } },
  );
}

/** How a server ended that was meant to keep running. */
export function describeServerEnd(end: ProcessEnd): string {
  if (end.kind === 'not_started') return `could not be started: ${end.problem}`;
  return end.signal === null ? `ended with exit code ${end.exitCode}` : `was ended by ${end.signal}`;
}

/** The last lines that say something. */
function lastLines(text: string): string[] {
  const said = text.split('\n').flatMap((line) => line.trim().slice(0, MAX_LINE_CHARS) || []);
  return said.slice(-SHOWN_LINES);
}
