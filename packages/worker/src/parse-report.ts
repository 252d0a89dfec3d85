import { AgentReportSchema } from '@agentswarm/core';
import type { ReportVerdict } from './agent-driver.ts';

/** Checks the arguments of a `submit_handoff` call; the message is written for the model. */
export function parseReport(args: unknown): ReportVerdict {
  const parsed = AgentReportSchema.safeParse(args);
  if (parsed.success) return { accepted: true, report: parsed.data };
  const problems = parsed.error.issues.map(
    (issue) => `- ${issue.path.map(String).join('.') || 'arguments'}: ${issue.message}`,
  );
  return {
    accepted: false,
    message: `The handoff was not accepted:\n${problems.join('\n')}\nCorrect it and call submit_handoff again.`,
  };
}
