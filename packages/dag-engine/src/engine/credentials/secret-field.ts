import { isScalar, parseDocument } from 'yaml';

/** A value found in a secret's file, or why there is none. Messages never hold any of the content. */
export type SecretField =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };

/** Looks up a dotted path in JSON or YAML. Numbers and booleans are given as they are written. */
export function findSecretField(content: string, dottedPath: string): SecretField {
  const path = dottedPath.split('.');
  const json = parseJson(content);
  return json === undefined ? findInYaml(content, path) : scalarOf(descend(json.value, path), dottedPath);
}

function parseJson(content: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(content) };
  } catch (error) {
    // Parsers quote what they do not understand: the error itself must go no further.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function descend(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    return (inner as Record<string, unknown>)[key];
  }, value);
}

/** YAML with anchors or errors is refused; a plain number keeps its digits, which a number would not. */
function findInYaml(content: string, path: readonly string[]): SecretField {
  const document = parseDocument(content, { version: '1.2', logLevel: 'silent', merge: false });
  if (document.errors.length > 0) return { ok: false, reason: 'file is neither JSON nor YAML' };
  const node = document.getIn(path, true);
  const written = isScalar(node) && typeof node.value === 'number' ? (node.source ?? node.value) : undefined;
  return scalarOf(written ?? (isScalar(node) ? node.value : node), path.join('.'));
}

function scalarOf(value: unknown, path: string): SecretField {
  switch (typeof value) {
    case 'string':
      return { ok: true, value };
    case 'number':
    case 'bigint':
    case 'boolean':
      return { ok: true, value: String(value) };
    default:
      return {
        ok: false,
        reason: value === undefined || value === null ? `no value at "${path}"` : `"${path}" is not a text`,
      };
  }
}
