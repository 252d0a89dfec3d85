import type { EvaluationAssertion, EvaluationSuite } from '../model/manifest-set.ts';
import { schemaProblems, unknown, type KnownIds } from './check-references.ts';
import type { ParsedSchemas } from './parse-schemas.ts';

/** Finds what evaluation cases name and nobody declares: no error, for runs do not need them. */
export function warnOfEvaluations(
  suites: readonly EvaluationSuite[],
  { nodes }: Pick<KnownIds, 'nodes'>,
  schemas: ParsedSchemas,
): readonly string[] {
  return suites.flatMap(({ cases }, suite) =>
    cases.flatMap(({ start_node_id: start, assertions }, index) => {
      const place = `evaluations.yaml at suites[${suite}].cases[${index}]`;
      return [
        ...unknown('start node', start === null ? [] : [start], nodes).map(
          (problem) => `${place}: ${problem}`,
        ),
        ...assertions.flatMap((assertion, position) =>
          expectedProblems(assertion, schemas).map(
            (problem) => `${place}.assertions[${position}]: ${problem}`,
          ),
        ),
      ];
    }),
  );
}

/** Only a name: what is wrong with a schema written in place, its case says. */
function expectedProblems(
  { type, expected }: EvaluationAssertion,
  schemas: ParsedSchemas,
): readonly string[] {
  return type === 'schema_valid' && typeof expected === 'string' ? schemaProblems(expected, schemas) : [];
}
