import { z } from 'zod';
import { LlmError } from '../errors.ts';
import { BudgetEntrySchema, type BudgetEntry } from './budget-entry.ts';

const NEWLINE = 0x0a;

export interface BudgetLines {
  readonly entries: readonly BudgetEntry[];
  /** How far complete lines reach. What follows was being written when its writer died; nobody was told it is kept. */
  readonly bytes: number;
}

export function formatBudgetLine(entry: BudgetEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** @throws {LlmError} BUDGET_UNREADABLE naming the file and the first line that is no entry. */
export function parseBudgetLines(content: Buffer, path: string): BudgetLines {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const entries: BudgetEntry[] = [];
  let start = 0;
  for (let end = content.indexOf(NEWLINE); end !== -1; end = content.indexOf(NEWLINE, start)) {
    entries.push(parseLine(() => decoder.decode(content.subarray(start, end)), path, entries.length + 1));
    start = end + 1;
  }
  return { entries, bytes: start };
}

function parseLine(read: () => string, path: string, line: number): BudgetEntry {
  try {
    return BudgetEntrySchema.parse(JSON.parse(read()));
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is not JSON';
    throw new LlmError('BUDGET_UNREADABLE', `${path}, line ${line}, is no entry of a budget: ${problem}`, {
      cause,
      details: { path, line },
    });
  }
}
