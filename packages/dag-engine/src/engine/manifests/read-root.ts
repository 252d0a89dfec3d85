import { isJsonObject } from '../model/json.ts';
import { Fields, kindOf } from './fields.ts';
import type { FileReport } from './file-report.ts';
import { parseYaml } from './parse-yaml.ts';
import type { SourceFile } from './read-directory.ts';

/**
 * Reads the mapping at the top of a manifest; `null` when there is none, which is a problem only of a required file.
 * `version`, `description` and `metadata` may stand in every file.
 */
export function readRoot(
  source: SourceFile | undefined,
  report: FileReport,
  { required }: { readonly required: boolean },
): Fields | null {
  if (source === undefined) {
    if (required) report.unreadable('File not found');
    return null;
  }
  if (source.problem !== null) {
    report.unreadable(source.problem);
    return null;
  }
  const parsed = parseYaml(source.text);
  if (!parsed.ok) {
    report.unreadable(report.quotes ? parsed.problem : withoutQuotes(parsed.problem));
    return null;
  }
  if (parsed.value === null) {
    if (required) report.unreadable('Empty file');
    else report.warn('', 'Empty file');
    return null;
  }
  if (!isJsonObject(parsed.value)) {
    report.unreadable(`the root must be a mapping, not ${kindOf(parsed.value)}`);
    return null;
  }
  const root = new Fields(parsed.value, { path: '', report });
  for (const name of ['version', 'description', 'metadata']) root.declares(name);
  return root;
}

/** The place of a syntax error, without the text around it. */
function withoutQuotes(problem: string): string {
  const line = /\(line \d+\)$/.exec(problem)?.[0] ?? '';
  return `Invalid YAML ${line}`.trim();
}
