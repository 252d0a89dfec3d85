import {
  AggregateManifestError,
  CliError as ProfileError,
  DAGValidationError,
  ManifestLoadError,
  SchemaValidationError,
} from '@agentswarm/dag-engine/engine';

/** One thing that is wrong with a configuration directory. */
export interface ConfigProblem {
  readonly file: string;
  /** Where in the file: `nodes[2]`; `null` when it is about the whole file. */
  readonly path: string | null;
  readonly message: string;
}

/** What is wrong with a configuration directory, if that is what the error says. */
export function problemsOf(thrown: unknown): readonly ConfigProblem[] | undefined {
  if (thrown instanceof AggregateManifestError) {
    return thrown.errors.flatMap((error) => problemOf(error) ?? []);
  }
  const problem = problemOf(thrown);
  return problem === undefined ? undefined : [problem];
}

/** `workflow.yaml  nodes[2]  …`, in columns. */
export function formatProblems(problems: readonly ConfigProblem[]): string[] {
  const width = (values: readonly string[]) => Math.max(0, ...values.map((value) => value.length));
  const fileWidth = width(problems.map(({ file }) => file));
  const pathWidth = width(problems.map(({ path }) => path ?? ''));
  return problems.map(({ file, path, message }) => {
    const place = pathWidth === 0 ? '' : `${(path ?? '').padEnd(pathWidth)}  `;
    return `  ${file.padEnd(fileWidth)}  ${place}${message}`;
  });
}

function problemOf(error: unknown): ConfigProblem | undefined {
  if (error instanceof DAGValidationError) {
    const { fileName: file, nodeId, problem: message } = error;
    return { file, path: nodeId === null ? null : `nodes.${nodeId}`, message };
  }
  if (error instanceof SchemaValidationError || error instanceof ManifestLoadError) {
    return { file: error.fileName, path: error.fieldPath, message: error.problem };
  }
  return error instanceof ProfileError ? problemOfProfiles(error) : undefined;
}

/** Undefined for an error of the conversation itself, which names no file. */
function problemOfProfiles({ details }: ProfileError): ConfigProblem | undefined {
  const { file_name: file, field_path: path, problem: message } = details;
  if (typeof file !== 'string' || typeof message !== 'string') return undefined;
  return { file, path: typeof path === 'string' ? path : null, message };
}
