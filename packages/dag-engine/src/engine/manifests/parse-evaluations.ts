import type { EvaluationAssertion, EvaluationCase, EvaluationSuite } from '../model/manifest-set.ts';
import { ASSERTION_TYPES } from '../model/vocabulary.ts';
import type { Fields } from './fields.ts';
import { checkUnique } from './unique-ids.ts';

/** Reads an entry of `evaluations.yaml`. */
export function parseSuite(fields: Fields): EvaluationSuite {
  const caseFields = fields.entries('cases');
  const suite: EvaluationSuite = {
    name: fields.requiredText('name'),
    description: fields.prose('description'),
    tags: fields.texts('tags'),
    cases: caseFields.map(parseCase),
  };
  checkUnique(suite.cases.map(({ id }, index) => ({ id, fields: caseFields[index] ?? fields })));
  fields.close();
  return suite;
}

function parseCase(fields: Fields): EvaluationCase {
  if (!fields.declares('input')) fields.problem('"input" is missing');
  const parsed: EvaluationCase = {
    id: fields.requiredText('id'),
    description: fields.prose('description'),
    input: fields.value('input'),
    start_node_id: fields.optionalText('start_node_id'),
    enabled: fields.flag('enabled', true),
    tags: fields.texts('tags'),
    assertions: fields.entries('assertions').map(parseAssertion),
  };
  fields.close();
  return parsed;
}

function parseAssertion(fields: Fields): EvaluationAssertion {
  const assertion: EvaluationAssertion = {
    type: fields.requiredChoice('type', ASSERTION_TYPES),
    expected: fields.declares('expected') ? fields.value('expected') : undefined,
    field_path: fields.prose('field_path'),
    custom_function: fields.optionalText('custom_function'),
    message: fields.prose('message'),
  };
  if (assertion.type === 'custom' && assertion.custom_function === null) {
    fields.problem('a custom assertion needs "custom_function"');
  }
  fields.close();
  return assertion;
}
