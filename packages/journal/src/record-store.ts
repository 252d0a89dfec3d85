/** A record as stored: the event as JSON text, with the version of its shape. */
export interface StoredRow {
  readonly seq: number;
  readonly atMs: number;
  readonly v: number;
  readonly body: string;
}

/** What goes into a store; the store numbers it. */
export interface NewRow {
  readonly atMs: number;
  readonly type: string;
  readonly body: string;
  /** Must survive a crash of the machine. */
  readonly durable: boolean;
}

/** Where rows are kept. Contract: synchronous and atomic; a failed insert stores nothing and uses no number. */
export interface RecordStore {
  /** Names the store in error messages. */
  readonly origin: string;
  /** How often other processes' writes are looked for; undefined when there can be none. */
  readonly pollMs?: number;
  insert(row: NewRow): number;
  /** At most `limit` rows after `afterSeq`, in order. */
  select(afterSeq: number, limit: number): readonly StoredRow[];
  lastSeq(): number;
  /** A value that differs once somebody else has written. */
  changeMark(): number;
  close(): void;
}
