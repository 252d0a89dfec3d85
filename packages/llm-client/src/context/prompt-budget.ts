import { shareTokens } from './share-tokens.ts';
import { truncateHeadTail, truncateLines } from './truncate-tokens.ts';

/** A part of a prompt. */
export interface PromptSection {
  readonly name: string;
  readonly text: string;
  /** Sections of lower priority are cut before those of higher. */
  readonly priority: number;
  /** Share among sections of equal priority; positive, default 1. */
  readonly weight?: number;
  /** Upper bound even where there is room. */
  readonly maxTokens?: number;
  /** It keeps so many while others can be cut instead; where it cannot, it is dropped. Default 0. */
  readonly minTokens?: number;
  /** How it gets shorter. `drop`: not at all. A function may summarise; what it returns too long is cut. */
  readonly shrink: 'head_tail' | 'lines' | 'drop' | ((text: string, maxTokens: number) => string);
}

export interface FittedSection {
  readonly name: string;
  readonly text: string;
  readonly tokens: number;
}

export interface SectionCut {
  readonly name: string;
  readonly fromTokens: number;
  readonly toTokens: number;
  readonly dropped: boolean;
}

export interface FittedPrompt {
  /** In the order given, without those that were dropped. */
  readonly sections: readonly FittedSection[];
  readonly totalTokens: number;
  /** What was shortened or dropped, in the order given. */
  readonly cut: readonly SectionCut[];
}

export interface PromptBudgetOptions {
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /** Sent with the request; they take room. */
  readonly toolSchemas?: unknown;
  /** Tokens of a text; a smaller part of a text has no more of them. */
  readonly count: (text: string) => number;
}

/** Makes sections fit into what a context window leaves for the prompt. */
export interface PromptBudget {
  readonly availableTokens: number;
  /** The tokens of all sections together never exceed `availableTokens`. Equal sections give equal results. */
  fit(sections: readonly PromptSection[]): FittedPrompt;
}

interface Measured {
  readonly section: PromptSection;
  readonly index: number;
  readonly tokens: number;
  /** What it gets when there is room for all. */
  readonly want: number;
  readonly floor: number;
}

/** Creates a budget of what the window has left after answer and tools. Separators between sections are the caller's. */
export function createPromptBudget(options: PromptBudgetOptions): PromptBudget {
  const { contextWindow, maxOutputTokens, toolSchemas, count } = options;
  const toolTokens = toolSchemas === undefined ? 0 : count(JSON.stringify(toolSchemas));
  const availableTokens = Math.max(0, contextWindow - maxOutputTokens - toolTokens);
  return {
    availableTokens,
    fit(sections) {
      const measured = sections.map((section, index) => measure(section, index, count));
      const kept = dropUntilFloorsFit(measured, availableTokens);
      const fitted = fitByPriority(kept, availableTokens, count);
      return report(measured, fitted);
    },
  };
}

function measure(section: PromptSection, index: number, count: (text: string) => number): Measured {
  const tokens = count(section.text);
  const want = Math.min(tokens, section.maxTokens ?? Infinity);
  return { section, index, tokens, want, floor: Math.min(want, section.minTokens ?? 0) };
}

/** Where even the floors are too much, sections go one by one: the least important, of equals the last. */
function dropUntilFloorsFit(measured: readonly Measured[], available: number): readonly Measured[] {
  let floors = sumOf(measured.map(({ floor }) => floor));
  const dropped = new Set<Measured>();
  const leastFirst = measured.toReversed().toSorted((a, b) => a.section.priority - b.section.priority);
  for (const each of leastFirst) {
    if (floors <= available) break;
    if (each.floor === 0) continue;
    floors -= each.floor;
    dropped.add(each);
  }
  return measured.filter((each) => !dropped.has(each));
}

/** From the highest priority down, each level takes what it wants, as long as the floors below stay covered. */
function fitByPriority(
  kept: readonly Measured[],
  available: number,
  count: (text: string) => number,
): ReadonlyMap<number, FittedSection> {
  const fitted = new Map<number, FittedSection>();
  let room = available - sumOf(kept.map(({ floor }) => floor));
  const levels = Map.groupBy(kept, ({ section }) => section.priority);
  for (const [, level] of [...levels].toSorted(([a], [b]) => b - a)) {
    room += sumOf(level.map(({ floor }) => floor));
    const shares = shareTokens(
      room,
      level.map(({ floor, want, section }) => ({ floor, want, weight: section.weight ?? 1 })),
    );
    for (const [position, each] of level.entries()) {
      const text = shrink(each, shares[position] ?? 0, count);
      const tokens = text === each.section.text ? each.tokens : count(text);
      if (text !== '' || each.tokens === 0) fitted.set(each.index, { name: each.section.name, text, tokens });
      room -= tokens;
    }
  }
  return fitted;
}

function shrink({ section, tokens }: Measured, max: number, count: (text: string) => number): string {
  const { text, name: label } = section;
  if (tokens <= max) return text;
  if (max <= 0 || section.shrink === 'drop') return '';
  if (section.shrink === 'lines') return truncateLines(text, max, { label, count });
  const shorter = section.shrink === 'head_tail' ? text : section.shrink(text, max);
  return truncateHeadTail(shorter, max, { label, count });
}

function report(measured: readonly Measured[], fitted: ReadonlyMap<number, FittedSection>): FittedPrompt {
  const sections = measured.flatMap(({ index }) => fitted.get(index) ?? []);
  const cut = measured.flatMap(({ section, index, tokens }): SectionCut[] => {
    const left = fitted.get(index);
    if (left?.text === section.text) return [];
    return [
      { name: section.name, fromTokens: tokens, toTokens: left?.tokens ?? 0, dropped: left === undefined },
    ];
  });
  return { sections, totalTokens: sumOf(sections.map(({ tokens }) => tokens)), cut };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
