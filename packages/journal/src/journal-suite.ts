import { Secret, type Clock, type Journal, type JournalRecord, type RunEvent } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { JournalError } from './errors.ts';
import { exportJsonl, importJsonl } from './jsonl.ts';

export interface JournalSuiteOptions {
  /** Names the implementation in test titles. */
  readonly name: string;
  /** Contract: gives a new, empty journal that stamps records by `clock`; the suite closes it. */
  readonly create: (options: { readonly clock: Clock }) => Journal | Promise<Journal>;
}

/** Declares, inside a vitest file, the tests that every `Journal` must pass. */
export function runJournalSuite(options: JournalSuiteOptions): void {
  const open = () => options.create({ clock: steppingClock() });
  describe(`Journal: ${options.name}`, () => {
    describe('append and read', () => declareAppendTests(open));
    describe('integrity', () => declareIntegrityTests(open));
    describe('follow', () => declareFollowTests(open));
    describe('close', () => declareCloseTests(open));
  });
}

type Open = () => Journal | Promise<Journal>;

const DURABLE: RunEvent = {
  type: 'feature_status_landed',
  commit: 'a'.repeat(40) as Extract<RunEvent, { type: 'feature_status_landed' }>['commit'],
};

const PLANNED = {
  type: 'planning_completed',
  round: 1,
  scratchpad: '',
  specMet: false,
  durationMs: 1,
  heardSeq: 0,
};

const STARTED = {
  type: 'run_started',
  runId: 'run-1',
  process: { pid: 1, version: '0.1.0' },
  target: { path: '/repo', remote: '/remote', mainBranch: 'main', base: 'a'.repeat(40) },
  gate: [],
  spec: '',
  features: [],
  endpoints: [],
  isolation: 'none',
};

function notice(message: string): RunEvent {
  return { type: 'notice_raised', level: 'info', message };
}

function notices(count: number): RunEvent[] {
  return Array.from({ length: count }, (_, index) => notice(`notice ${index + 1}`));
}

/** Starts at 1000 and moves by one with every look. */
function steppingClock(): Clock {
  let nowMs = 999;
  return { nowMs: () => (nowMs += 1), sleep: () => Promise.resolve() };
}

function declareAppendTests(open: Open): void {
  it('numbers records from 1 without gaps and stamps them by its clock', async () => {
    await using journal = await open();
    const appended = [notice('one'), DURABLE, notice('three')].map((event) => journal.append(event));
    expect(appended).toEqual([
      { seq: 1, atMs: 1000, event: notice('one') },
      { seq: 2, atMs: 1001, event: DURABLE },
      { seq: 3, atMs: 1002, event: notice('three') },
    ]);
    expect([...journal.read()]).toEqual(appended);
  });

  it('keeps any text exactly', async () => {
    await using journal = await open();
    const texts = ['', '\u0000', 'ünï\u2028cödé 🚀', '\ud800 lone', '"\\\n', 'x'.repeat(200_000)];
    for (const text of texts) journal.append(notice(text));
    expect([...journal.read()].map((record) => record.event)).toEqual(texts.map(notice));
  });

  it('reads the records after a number', async () => {
    await using journal = await open();
    for (const event of notices(3)) journal.append(event);
    expect([...journal.read(2)].map((record) => record.seq)).toEqual([3]);
    expect([...journal.read(3)]).toEqual([]);
    expect([...journal.read(99)]).toEqual([]);
  });

  it('reads more records than fit in one batch, in order', async () => {
    await using journal = await open();
    for (const event of notices(1_000)) journal.append(event);
    expect([...journal.read()].map((record) => record.seq)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    );
  });

  it('reads what was stored at the time of the call', async () => {
    await using journal = await open();
    journal.append(notice('before'));
    const records = journal.read();
    journal.append(notice('after'));
    expect([...records].map((record) => record.seq)).toEqual([1]);
  });
}

function declareIntegrityTests(open: Open): void {
  it('refuses an invalid event and stores nothing of it', async () => {
    await using journal = await open();
    journal.append(notice('one'));
    const invalid: unknown = { type: 'notice_raised', level: 'loud', message: 'two' };
    expect(() => journal.append(invalid as RunEvent)).toThrow(
      expect.objectContaining({
        code: 'EVENT_INVALID',
        message: expect.stringContaining('level') as string,
      }),
    );
    expect(journal.append(notice('two')).seq).toBe(2);
    expect([...journal.read()].map((record) => record.event)).toEqual([notice('one'), notice('two')]);
  });

  it('gives back what it stored, with defaults filled in', async () => {
    await using journal = await open();
    const task = { id: 'a', description: 'd', scope: ['a.ts'], acceptance: ['works'] };
    const planned: unknown = { ...PLANNED, tasks: [task] };
    const appended = journal.append(planned as RunEvent);
    expect(appended.event).toEqual({
      ...PLANNED,
      tasks: [{ ...task, dependsOn: [], priority: 5, features: [] }],
    });
    expect([...journal.read()]).toEqual([appended]);
  });

  it('stores no secret, wherever in an event it is', async () => {
    await using journal = await open();
    const started: unknown = { ...STARTED, config: { deep: [{ apiKey: new Secret('sk-canary') }] } };
    const { event } = journal.append(started as RunEvent);
    expect(event).toEqual({ ...STARTED, config: { deep: [{ apiKey: '***' }] } });
    expect([...exportJsonl(journal)].join('')).not.toContain('sk-canary');
  });

  it('keeps its records apart from the objects given and handed out', async () => {
    await using journal = await open();
    const event = { type: 'notice_raised', level: 'info', message: 'original' } as const;
    const given: { -readonly [Key in keyof typeof event]: string } = { ...event };
    const appended = journal.append(given as RunEvent);
    given.message = 'changed';
    Object.assign(appended.event, { message: 'changed' });
    expect([...journal.read()].map((record) => record.event)).toEqual([event]);
  });

  it('comes back from its JSON lines unchanged', async () => {
    await using journal = await open();
    for (const event of [...notices(3), DURABLE]) journal.append(event);
    expect([...importJsonl(exportJsonl(journal))]).toEqual([...journal.read()]);
  });
}

function declareFollowTests(open: Open): void {
  it('gives the stored records, then each new one', async () => {
    await using journal = await open();
    journal.append(notice('stored'));
    const records = journal.follow()[Symbol.asyncIterator]();
    expect(await nextSeq(records)).toBe(1);
    const waiting = nextSeq(records);
    journal.append(notice('new'));
    expect(await waiting).toBe(2);
    journal.append(notice('newer'));
    expect(await nextSeq(records)).toBe(3);
  });

  it('starts after a number', async () => {
    await using journal = await open();
    for (const event of notices(3)) journal.append(event);
    const records = journal.follow({ afterSeq: 2 })[Symbol.asyncIterator]();
    expect(await nextSeq(records)).toBe(3);
  });

  it('gives every follower every record', async () => {
    await using journal = await open();
    const followers = [0, 1, 2].map(() => collect(journal.follow(), 600));
    for (const event of notices(600)) journal.append(event);
    const expected = Array.from({ length: 600 }, (_, index) => index + 1);
    expect(await Promise.all(followers)).toEqual([expected, expected, expected]);
  });

  it('ends when its signal aborts, also before the first record', async () => {
    await using journal = await open();
    journal.append(notice('one'));
    expect(await collect(journal.follow({ signal: AbortSignal.abort() }))).toEqual([]);
    const abort = new AbortController();
    const following = collect(journal.follow({ signal: abort.signal }));
    setImmediate(() => abort.abort());
    expect(await following).toEqual([1]);
  });

  it('ends when the journal is closed', async () => {
    const journal = await open();
    journal.append(notice('one'));
    const following = collect(journal.follow());
    setImmediate(() => journal.close());
    expect(await following).toEqual([1]);
  });
}

function declareCloseTests(open: Open): void {
  it('refuses every further call, but closing again', async () => {
    const journal = await open();
    journal.append(notice('one'));
    const records = journal.read();
    journal.close();
    const closed = expect.objectContaining({ code: 'JOURNAL_CLOSED' }) as Error;
    expect(() => journal.append(notice('late'))).toThrow(closed);
    expect(() => journal.read()).toThrow(closed);
    expect(() => journal.follow()).toThrow(closed);
    expect(() => [...records]).toThrow(closed);
    expect(() => journal.close()).not.toThrow();
    expect(() => journal.append(notice('late'))).toThrow(JournalError);
  });
}

async function nextSeq(records: AsyncIterator<JournalRecord>): Promise<number | undefined> {
  const result: IteratorResult<JournalRecord, undefined> = await records.next();
  return result.done === true ? undefined : result.value.seq;
}

/** The numbers of what comes, until the end or until `count` came. */
async function collect(
  records: AsyncIterable<JournalRecord>,
  count = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const seqs: number[] = [];
  for await (const record of records) {
    seqs.push(record.seq);
    if (seqs.length >= count) break;
  }
  return seqs;
}
