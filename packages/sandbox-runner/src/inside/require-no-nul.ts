import type { ExecRequest } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';

type CommandLine = Pick<ExecRequest, 'command' | 'cwd' | 'env'>;

/**
 * Refuses NUL bytes, which end arguments: what follows one in a variable would be an option of whoever
 * confines the command.
 *
 * @throws {SandboxError} SANDBOX_SPEC_INVALID
 */
export function requireNoNul({ command, cwd = '', env = {} }: CommandLine): void {
  const parts = { command, cwd: [cwd], env: Object.entries(env).flat() };
  for (const [part, texts] of Object.entries(parts)) {
    if (!texts.some((text) => text.includes('\0'))) continue;
    throw new SandboxError('SANDBOX_SPEC_INVALID', `the ${part} of a command holds a NUL byte`, {
      details: { part },
    });
  }
}
