import type { Sandbox, TaskAssignment } from '@agentswarm/core';

/** Where the parts of a task are in its sandbox: for its assignment, and to find them again without it. */
export function taskPaths({ paths }: Pick<Sandbox, 'paths'>): TaskAssignment['paths'] {
  return {
    workdir: paths.workdir,
    intake: paths.intake,
    handoff: `${paths.control}/handoff.json`,
    frames: `${paths.control}/frames.ndjson`,
  };
}
