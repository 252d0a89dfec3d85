// A command-line coding agent in small: asks the model of its environment, runs its tool calls, writes its report.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const { OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL } = process.env;
const { AGENTSWARM_PROMPT_FILE, AGENTSWARM_HANDOFF_FILE } = process.env;
const prompt = readFileSync(0, 'utf8');
if (prompt !== readFileSync(AGENTSWARM_PROMPT_FILE, 'utf8')) throw new Error('two prompts that differ');

const TOOLS = {
  read: ({ path }) => readFileSync(path, 'utf8'),
  write: ({ path, content }) => writeFileSync(path, content),
  // Nothing closes the output: whoever ends the agent's group ends this as well.
  bash: ({ command }) => execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: 'pipe' }),
  submit_handoff: (report) => writeFileSync(AGENTSWARM_HANDOFF_FILE, JSON.stringify(report)),
};
const tools = Object.keys(TOOLS).map((name) => ({
  type: 'function',
  function: { name, description: name, parameters: { type: 'object', properties: {} } },
}));
const messages = [
  { role: 'system', content: prompt },
  { role: 'user', content: prompt },
];

for (;;) {
  const answer = await ask();
  if (answer.content) console.log(answer.content);
  messages.push(answer);
  if (!answer.tool_calls) break;
  for (const { id, function: call } of answer.tool_calls) {
    console.log(`> ${call.name} ${call.arguments}`);
    const content = String(TOOLS[call.name](JSON.parse(call.arguments)) ?? 'done');
    messages.push({ role: 'tool', tool_call_id: id, content });
    if (call.name === 'submit_handoff') process.exit(0);
  }
}

async function ask() {
  const response = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPENAI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: OPENAI_MODEL, messages, tools, stream: true, max_tokens: 500 }),
  });
  if (!response.ok) {
    console.error(`HTTP ${response.status}: ${await response.text()}`);
    process.exit(7);
  }
  const answer = { role: 'assistant', content: '' };
  for (const line of (await response.text()).split('\n')) {
    if (!line.startsWith('data: {')) continue;
    const { choices } = JSON.parse(line.slice(6));
    const delta = choices[0]?.delta ?? {};
    answer.content += delta.content ?? '';
    for (const part of delta.tool_calls ?? []) addCall(answer, part);
  }
  return answer;
}

function addCall(answer, { index, id, function: part }) {
  answer.tool_calls ??= [];
  answer.tool_calls[index] ??= { id, type: 'function', function: { name: part.name, arguments: '' } };
  answer.tool_calls[index].function.arguments += part.arguments ?? '';
}
