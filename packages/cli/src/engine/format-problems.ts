import { toSwarmError } from '@agentswarm/core';
import {
  AggregateManifestError,
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
    return thrown.errors.map((error) => problemOf(error) ?? otherProblem(error));
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
  return undefined;
}

/** Not about one file: a profile of the REPL, for example. */
function otherProblem(error: unknown): ConfigProblem {
  return { file: 'cli_profiles.yaml', path: null, message: toSwarmError(error).message };
}
