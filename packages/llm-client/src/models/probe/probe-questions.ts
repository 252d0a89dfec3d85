import { z } from 'zod';

/** The only tool a probe offers. */
export const PROBE_TOOL = 'report_sum';

export const TOOL_QUESTION = `Add 19 and 23 and report the result by calling the tool ${PROBE_TOOL}.`;
export const TOOL_PARAMETERS = {
  tools: [
    {
      type: 'function',
      function: {
        name: PROBE_TOOL,
        description: 'Reports a sum.',
        parameters: { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] },
      },
    },
  ],
  tool_choice: 'auto',
};

/** Says nothing about JSON: an answer of this form can only come from the schema. */
export const JSON_QUESTION = 'Is 42 an even number?';
export const JSON_PARAMETERS = {
  response_format: {
    type: 'json_schema',
    json_schema: {
      name: 'parity',
      strict: true,
      schema: {
        type: 'object',
        properties: { parity: { type: 'string', enum: ['even', 'odd'] } },
        required: ['parity'],
        additionalProperties: false,
      },
    },
  },
};
export const JsonAnswerSchema = z.strictObject({ parity: z.enum(['even', 'odd']) });

export const STREAM_QUESTION = 'Count from one to five in words.';
