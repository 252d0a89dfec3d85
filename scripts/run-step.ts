import type { CheckResult } from './checks/check.ts';

/** Runs one step under a heading with its duration; a step that throws has failed, the next one still runs. */
export async function runStep(title: string, run: () => Promise<CheckResult>): Promise<CheckResult> {
  process.stdout.write(`• ${title} … `);
  const startedAtMs = Date.now();
  const result = await run().catch((error: unknown) => ({ ok: false, report: describe(error) }));
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
  process.stdout.write(`${verdict(result)} (${seconds} s)\n`);
  if (!result.ok) process.stdout.write(`${indent(result.report)}\n`);
  return result;
}

function verdict({ ok, skipped }: CheckResult): string {
  if (skipped !== undefined) return `skipped: ${skipped}`;
  return ok ? 'ok' : 'FAILED';
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ');
}
