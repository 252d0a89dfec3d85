import { toSwarmError } from '@agentswarm/core';
import { parseDocument, type YAMLError } from 'yaml';
import { Refusal } from '../refusal.ts';
import { findForbiddenData } from './forbidden-data.ts';
import type { Parsed } from './parsed.ts';
import { jsonFromYaml } from './yaml-value.ts';

const MAX_QUOTED = 200;

/** Reads one YAML 1.2 document as JSON data. An empty one is `null`. */
export function parseYaml(text: string): Parsed {
  try {
    const value = jsonFromYaml(rootOf(text));
    const problem = findForbiddenData(value);
    return problem === null ? { ok: true, value } : { ok: false, problem };
  } catch (error) {
    return { ok: false, problem: `Invalid YAML: ${toSwarmError(error).message}` };
  }
}

function rootOf(text: string) {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // Checked while converting, in linear time.
    uniqueKeys: false,
    logLevel: 'error',
    resolveKnownTags: false,
    // Pretty errors cost a scan of the text each, and a hostile text has millions.
    prettyErrors: false,
  });
  // A warning is an unknown tag or directive: something the file means and we would not honour.
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new Refusal(`${saying(problem)} (line ${lineAt(text, problem.pos[0])})`);
  return document.contents;
}

/** The library recurses into nested collections, and quotes what it does not like. */
function saying({ code, message }: YAMLError): string {
  return code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : message.slice(0, MAX_QUOTED);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
