import type { FlowValue } from './flow-node.ts';

/** A value of an earlier node: its id, then fields and indices of its result. */
export interface Reference {
  readonly id: string;
  readonly path: readonly (string | number)[];
}

/** An id of letters, digits, `_` and `-`; then `.field` and `[0]`, in any order. */
const REFERENCE = /^([\w-]+)((?:\.[\w-]+|\[\d+\])*)$/;
const STEP = /\.([\w-]+)|\[(\d+)\]/g;

/** Reads `id.path.to[0]`; undefined when it has another form. */
export function parseReference(text: string): Reference | undefined {
  const [, id, path = ''] = REFERENCE.exec(text) ?? [];
  if (id === undefined) return undefined;
  const steps = [...path.matchAll(STEP)].map(([, field, index]) => field ?? Number(index));
  return { id, path: steps };
}

/** What is at the path; undefined when there is nothing. */
export function valueAt(value: FlowValue, path: Reference['path']): FlowValue | undefined {
  let found: FlowValue | undefined = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (!Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<string | number, FlowValue>>)[step];
  }
  return found;
}

/** How a reference is written. */
export function referenceText({ id, path }: Reference): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
  return `{${id}${steps.join('')}}`;
}
