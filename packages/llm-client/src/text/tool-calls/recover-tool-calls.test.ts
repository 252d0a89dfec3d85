import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexTools } from './found-call.ts';
import { recoverToolCalls, scanToolCalls } from './recover-tool-calls.ts';
import { createScanner, MAX_READS } from './scanner.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 300 : 10_000;

const TOOLS = ['read_file', 'write_file', 'list'];
const PATH_A = [{ id: 'call_0', name: 'read_file', arguments: '{"path":"a"}' }];
const CALL_A = '{"name":"read_file","arguments":{"path":"a"}}';

describe('recoverToolCalls', () => {
  it.each([
    ['Hermes', `Reading.\n<tool_call>\n${CALL_A}\n</tool_call>`],
    ['Hermes without the end', `Reading.\n<tool_call>\n${CALL_A}`],
    ['Hermes, parameters', 'Reading. <tool_call>{"name":"read_file","parameters":{"path":"a"}}</tool_call>'],
    [
      'Hermes, arguments as text',
      'Reading.<tool_call>{"name":"read_file","arguments":"{\\"path\\":\\"a\\"}"}</tool_call>',
    ],
    [
      'Qwen3-Coder',
      'Reading.\n<tool_call>\n<function=read_file>\n<parameter=path>\na\n</parameter>\n</function>\n</tool_call>',
    ],
    ['Qwen3-Coder without wrapper', 'Reading.\n<function=read_file><parameter=path>a</parameter></function>'],
    [
      'Qwen3-Coder, tags forgotten',
      'Reading.<tool_call><function=read_file>\n<parameter=path>\na\n</tool_call>',
    ],
    [
      'GLM',
      'Reading.\n<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>a</arg_value>\n</tool_call>',
    ],
    ['Llama 3.1', 'Reading.<|python_tag|>{"name":"read_file","parameters":{"path":"a"}}'],
    ['Llama, function tag', 'Reading.<function=read_file>{"path":"a"}</function>'],
    ['bare', `Reading. ${CALL_A}`],
    ['Mistral', `Reading.[TOOL_CALLS] [${CALL_A}]`],
    ['Mistral 11', 'Reading.[TOOL_CALLS]read_file[ARGS]{"path":"a"}'],
    ['fence', 'Reading.\n```json\n' + CALL_A + '\n```'],
    ['fence with another object beside it', 'Reading.\n```\n' + CALL_A + '\n' + CALL_A + '\n```'],
    [
      'OpenAI',
      'Reading. {"tool_calls":[{"type":"function","function":{"name":"read_file","arguments":"{\\"path\\":\\"a\\"}"}}]}',
    ],
    ['twice the same', `Reading.<tool_call>${CALL_A}</tool_call><tool_call>${CALL_A}</tool_call>`],
    ['several in one tag', `Reading.<tool_call>${CALL_A}\n${CALL_A}</tool_call>`],
  ])('understands %s', (_name, text) => {
    expect(recoverToolCalls(text, TOOLS)).toEqual({ text: 'Reading.', toolCalls: PATH_A });
  });

  it('keeps the text between calls and numbers them in order', () => {
    const text = `One <tool_call>${CALL_A}</tool_call> two <tool_call>{"name":"list"}</tool_call> three`;
    expect(recoverToolCalls(text, TOOLS)).toEqual({
      text: 'One  two  three',
      toolCalls: [...PATH_A, { id: 'call_1', name: 'list', arguments: '{}' }],
    });
  });

  it('takes tags inside an argument for content', () => {
    const content = `<tool_call>${CALL_A}</tool_call>\n\`\`\`json\n${CALL_A}\n\`\`\``;
    const call = { name: 'write_file', arguments: { path: 'b', content } };
    expect(recoverToolCalls(`<tool_call>${JSON.stringify(call)}</tool_call>`, TOOLS)).toEqual({
      text: '',
      toolCalls: [{ id: 'call_0', name: 'write_file', arguments: JSON.stringify(call.arguments) }],
    });
  });

  it('forgives raw line breaks in the strings of a marked call', () => {
    const text = '<tool_call>{"name":"write_file","arguments":{"content":"a\n\tb"}}</tool_call>';
    expect(recoverToolCalls(text, TOOLS).toolCalls).toMatchObject([{ arguments: '{"content":"a\\n\\tb"}' }]);
  });

  it('gives arguments written as tags the declared type', () => {
    const text =
      '<function=write_file><parameter=content>\n{"a": 1}\n</parameter><parameter=mode>7</parameter></function>';
    const parameters = {
      type: 'object',
      properties: { content: { type: 'string' }, mode: { type: 'integer' } },
    };
    const declared = recoverToolCalls(text, [{ name: 'write_file', parameters }]).toolCalls[0]?.arguments;
    expect(declared).toBe('{"content":"{\\"a\\": 1}","mode":7}');
    expect(recoverToolCalls(text, TOOLS).toolCalls[0]?.arguments).toBe('{"content":{"a":1},"mode":7}');
  });

  it.each([
    ['an unknown tool', `<tool_call>{"name":"rm","arguments":{"x":${CALL_A}}}</tool_call>`],
    [
      'an unknown tool of Qwen3-Coder',
      '<function=rm><parameter=x><function=read_file></parameter></function>',
    ],
    ['an unknown tool of GLM', '<tool_call>rm<arg_key>x</arg_key><arg_value>y</arg_value></tool_call>'],
    ['an unknown tool around a known one', `{"name":"rm","arguments":${CALL_A}}`],
    [
      'a definition',
      '{"name":"read_file","description":"Reads","parameters":{"type":"object","properties":{}}}',
    ],
    ['the schema of a tool', '{"name":"read_file","parameters":{"type":"object","properties":{"path":{}}}}'],
    ['an object without arguments', '{"name":"list"}'],
    ['an object inside a document', `{"example":${CALL_A}}`],
    ['code in another language', '```ts\nconst call = ' + CALL_A + ';\n```'],
    ['a call that was cut off', '<tool_call>{"name":"write_file","arguments":{"content":"ab'],
    [
      'a tag call that was cut off',
      '<tool_call>write_file<arg_key>content</arg_key><arg_value>ab</tool_call>',
    ],
    ['a function that was cut off', '<function=write_file><parameter=content>ab'],
    ['arguments that are no object', '{"name":"read_file","arguments":[1]}'],
    ['Python', '<|python_tag|>brave_search.call(query="x")'],
    ['prose', 'Use {braces}, [lists] and <tool_call> tags.'],
  ])('leaves %s alone', (_name, text) => {
    expect(recoverToolCalls(text, TOOLS)).toEqual({ text, toolCalls: [] });
  });

  it('finds any call in any harmless prose', () => {
    const prose = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '.', '"', "'", '(', '<', '>') });
    const input = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(prose, input, prose, (before, args, after) => {
        const call = JSON.stringify({ name: 'read_file', arguments: args });
        const { toolCalls } = recoverToolCalls(`${before}<tool_call>${call}</tool_call>${after}`, TOOLS);
        expect(toolCalls.map((found) => JSON.parse(found.arguments) as unknown)).toEqual([
          JSON.parse(JSON.stringify(args)),
        ]);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('hostile answers', () => {
  const nested = '{"a":'.repeat(10_000) + '1' + '}x'.repeat(10_000);
  it.each([
    ['{'.repeat(100_000), 0],
    ['<'.repeat(100_000), 0],
    ['['.repeat(100_000) + ']'.repeat(100_000), 0],
    ['<tool_call>'.repeat(10_000) + '</tool_call>', 1],
    ['<function=read_file>{'.repeat(5_000) + '</function>', 1],
    ['<tool_call>read_file' + '<arg_key>a</arg_key><arg_value>'.repeat(5_000) + '</tool_call>', 1],
    ['<tool_call>{"' + '\\"'.repeat(50_000) + '\\</tool_call>', 1],
    ['```json\n{"a":\n'.repeat(10_000) + '```', MAX_READS],
    [nested, MAX_READS],
    ['{"name":"list","arguments":{"a":' + '['.repeat(50_000) + ']'.repeat(50_000) + '}}', 1],
  ])('%.30j… costs a bounded number of reads', (text, reads) => {
    const scanner = createScanner(text, indexTools(TOOLS));
    expect(scanToolCalls(scanner)).toEqual({ text, toolCalls: [] });
    expect(scanner.spentChars()).toBeLessThanOrEqual(reads * text.length);
  });

  it.each(['<tool_call>', '', '```json\n'])('survives wrappers in wrappers after "%s"', (marker) => {
    const nested = `${marker}${'{"function":'.repeat(100_000)}${CALL_A}${'}'.repeat(100_000)}`;
    expect(recoverToolCalls(nested, []).toolCalls).toEqual([]);
  });

  it('never fails and never spends more than its share', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      '\n',
      '```',
      '```json\n',
      '<tool_call>',
      '</tool_call>',
      '<function=list>',
      '<parameter=a>',
      '</function>',
      '[TOOL_CALLS]',
      '<|python_tag|>',
      '"name":"list",',
      '"arguments":{}',
      'list',
      ' ',
      ',',
      '<arg_key>',
      '</arg_key>',
      '<arg_value>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const scanner = createScanner(text, indexTools(TOOLS));
        const { toolCalls } = scanToolCalls(scanner);
        expect(scanner.spentChars()).toBeLessThanOrEqual(MAX_READS * text.length);
        for (const call of toolCalls)
          expect([call.name, typeof JSON.parse(call.arguments)]).toEqual(['list', 'object']);
      }),
      { numRuns: RUNS },
    );
  });
});
