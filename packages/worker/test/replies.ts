import type { Reply } from './fake-gateway.ts';

export const write = (path: string, content: string): Reply => ({
  calls: [{ tool: 'write', args: { path, content } }],
});
export const bash = (command: string): Reply => ({ calls: [{ tool: 'bash', args: { command } }] });
export const submit = (
  args: unknown = { status: 'complete', summary: 'Add the greeting\n\nVerified.' },
): Reply => ({
  calls: [{ tool: 'submit_handoff', args }],
});
