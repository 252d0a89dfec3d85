import type { JsonValue } from '../../model/json.ts';
import type { ToolPlan } from '../../model/tool-call.ts';
import type { Failure } from '../../tools/failure.ts';
import type { ToolSession } from '../../tools/tool-session.ts';

/** What the tools of one plan may give together: records keep all of it, and the plan is a model's. */
const MAX_OUTPUT_CHARS = 64_000_000;

/** A plan's steps as a tool session takes them; stops at the first misuse, and tells when they give too much. */
export async function followPlan(
  plan: ToolPlan,
  session: Pick<ToolSession, 'call' | 'misuse'>,
  maxChars = MAX_OUTPUT_CHARS,
): Promise<Failure | null> {
  let chars = 0;
  for (const step of plan.steps) {
    if (session.misuse !== null) return null;
    const reply = await session.call(step);
    if (reply.status === 'completed') chars += charsOf(reply.output);
    if (chars > maxChars) return tooMuch(maxChars);
  }
  return null;
}

/** Text, and one for everything that is none. */
function charsOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((chars, [key, inner]) => chars + key.length + charsOf(inner), 1);
}

function tooMuch(maxChars: number): Failure {
  return {
    error_id: 'tool_plan_too_large',
    code: 'tool',
    message: `the tools of the plan gave more than ${maxChars} characters; its other steps were not run`,
    source: 'agent_runtime',
  };
}
