import type { SandboxBackend } from '@agentswarm/core';
import type { ModalBackendOptions } from '../../../sandbox-runner/src/modal/modal-backend-options.ts';

// The one place that knows where these come from; both will be exports of sandbox-runner.

export type { ModalBackendOptions };

export function createModalBackend(_options: ModalBackendOptions): SandboxBackend {
  throw new TypeError('the Modal backend is not integrated yet');
}

export function findGuard(): string {
  return '/not/integrated/guard.ts';
}
