import type { SandboxPaths } from '@agentswarm/core';

/** Where a remote sandbox has its folders. */
export const REMOTE_PATHS: SandboxPaths = {
  workdir: '/workspace/repo',
  control: '/workspace/control',
  intake: '/workspace/intake.git',
};

/** The objects of the commit it started from, which checkout and intake borrow. */
export const REMOTE_BASE = '/workspace/base.git';
export const REMOTE_HOME = '/workspace/home';
export const REMOTE_TEMP = '/workspace/tmp';
/** The socket of the model gateway, as commands see it. */
export const REMOTE_GATEWAY = '/workspace/gateway.sock';
