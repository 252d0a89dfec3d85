import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModelNotes } from './model-notes.ts';
import { isOutOfMemory, suggestNote } from './out-of-memory.ts';
import { selectModel, type KnownModel, type ModelRequirements } from './select-model.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 200 : 5_000;

describe('parseModelNotes', () => {
  it('reads flags at the start of lines and ignores prose', () => {
    const text = [
      'Good at prose; avoid:nothing here.',
      'avoid:planner',
      '- avoid:* since it loops',
      'prefer:worker',
      '  max-context: 32000',
      'max-context:16000',
      'max-context:many',
      'no-json>2000',
      'avoid: ',
      'avoid:a,b',
      'prefer:*',
    ].join('\r\n');
    expect(parseModelNotes(text)).toEqual({
      avoid: ['planner', '*'],
      prefer: ['worker'],
      maxContextTokens: 16_000,
      maxJsonTokens: 2_000,
    });
  });

  it('knows nothing from nothing', () => {
    expect(parseModelNotes('')).toEqual({ avoid: [], prefer: [] });
  });
});

const running = (...models: readonly string[]): KnownModel[] =>
  models.map((model) => ({ model, status: 'running' }));
const stopped = (...models: readonly string[]): KnownModel[] =>
  models.map((model) => ({ model, status: 'stopped' }));
const ask = (changes: Partial<ModelRequirements>) =>
  selectModel({
    role: 'worker',
    preference: { prefer: ['a', 'b'], fallback: ['c'] },
    known: running('a', 'b', 'c'),
    notes: new Map(),
    autoStart: false,
    ...changes,
  });
const noted = (model: string, text: string) => ({ notes: new Map([[model, parseModelNotes(text)]]) });

describe('selectModel', () => {
  it('takes the first that runs and tells whether it is a fallback', () => {
    expect(ask({})).toEqual({ kind: 'selected', model: 'a', fallback: false, start: false, skipped: [] });
    expect(ask({ known: [...stopped('a'), ...running('c')] })).toEqual({
      kind: 'selected',
      model: 'c',
      fallback: true,
      start: false,
      skipped: [
        { model: 'a', reason: 'not_running' },
        { model: 'b', reason: 'not_known' },
      ],
    });
  });

  it.each([
    ['avoid:worker', {}, 'avoided'],
    ['avoid:*', {}, 'avoided'],
    ['max-context:100', { promptTokens: 101 }, 'prompt_too_long'],
    ['no-json>50', { wantsJson: true, expectedOutputTokens: 51 }, 'json_too_long'],
  ] as const)('obeys the note %s', (note, changes, reason) => {
    expect(ask({ ...noted('a', note), ...changes })).toMatchObject({
      model: 'b',
      skipped: [{ model: 'a', reason }],
    });
  });

  it.each([
    ['avoid:planner', {}],
    ['max-context:100', { promptTokens: 100 }],
    ['no-json>50', { expectedOutputTokens: 51 }],
    ['no-json>50', { wantsJson: true, expectedOutputTokens: 50 }],
  ] as const)('is not stopped by the note %s where it does not apply', (note, changes) => {
    expect(ask({ ...noted('a', note), ...changes })).toMatchObject({ model: 'a' });
  });

  it('lets a note move a model to the front of its list only', () => {
    expect(ask(noted('b', 'prefer:worker'))).toMatchObject({ model: 'b' });
    expect(ask(noted('c', 'prefer:worker'))).toMatchObject({ model: 'a' });
  });

  it('starts the first that suits, or waits for it', () => {
    const known = stopped('b', 'c');
    expect(ask({ known, autoStart: true })).toMatchObject({ kind: 'selected', model: 'b', start: true });
    expect(ask({ known })).toMatchObject({ kind: 'wait', model: 'b' });
  });

  it('names every candidate when none is left', () => {
    expect(ask({ known: [{ model: 'a', status: 'unknown' }] })).toEqual({
      kind: 'none',
      candidates: ['a', 'b', 'c'],
      skipped: ['a', 'b', 'c'].map((model) => ({ model, reason: 'not_known' })),
    });
  });

  it('never waits or falls back while a preferred model runs, and gives a reason for every model before it', () => {
    const model = fc.constantFrom('a', 'b', 'c', 'd');
    const status = fc.constantFrom('running' as const, 'stopped' as const, 'unknown' as const);
    fc.assert(
      fc.property(
        fc.uniqueArray(model),
        fc.array(model),
        fc.array(fc.record({ model, status })),
        (prefer, fallback, known) => {
          const selection = ask({ preference: { prefer, fallback }, known });
          const statuses = new Map(known.map((each) => [each.model, each.status]));
          const order = [...new Set([...prefer, ...fallback])];
          const first = order.find((each) => statuses.get(each) === 'running');
          expect(selection.kind === 'selected' ? selection.model : undefined).toBe(first);
          const before = first === undefined ? order : order.slice(0, order.indexOf(first));
          expect(selection.skipped.map((each) => each.model)).toEqual(before);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('isOutOfMemory', () => {
  it.each([
    { body: 'CUDA error: out of memory' },
    { body: 'ggml: failed to allocate buffer' },
    { body: 'exceeds the maximum context length' },
    { body: 'no space in KV cache' },
    { exitSignal: 'SIGKILL' },
    { exitCode: 137 },
    { serverRunning: false },
  ])('%j is', (failure) => {
    expect(isOutOfMemory(failure)).toBe(true);
  });

  it.each([{}, { body: 'bad request' }, { exitSignal: 'SIGTERM' }, { exitCode: 1, serverRunning: true }])(
    '%j is not',
    (failure) => {
      expect(isOutOfMemory(failure)).toBe(false);
    },
  );

  it('leads to a note that keeps the same prompt away', () => {
    const { model, line } = suggestNote('a', 40_001);
    expect(line).toBe('max-context:32000');
    expect(ask({ notes: new Map([[model, parseModelNotes(line)]]), promptTokens: 40_001 })).toMatchObject({
      model: 'b',
    });
  });
});
