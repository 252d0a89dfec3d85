/** Whether `infra/.venv` can be used, and if not why. */
export type PythonSide =
  | { readonly status: 'ready'; readonly python: string }
  | { readonly status: 'unavailable'; readonly reason: string };

/** Makes sure `infra/.venv` fits `infra/requirements.txt`; rejects only when interrupted. */
export function ensurePython(options: {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<PythonSide>;
