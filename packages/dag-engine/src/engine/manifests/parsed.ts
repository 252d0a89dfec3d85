import type { JsonValue } from '../model/json.ts';

/** What a text says, or why it says nothing. */
export type Parsed =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly problem: string };
