import type { ModelCalledEvent } from '../events/model-events.ts';
import type { RunState } from './run-state.ts';

export function foldModelCall(state: RunState, event: ModelCalledEvent): RunState {
  const { usage } = state;
  const role = usage.byRole[event.role] ?? { calls: 0, promptTokens: 0, completionTokens: 0 };
  return {
    ...state,
    usage: {
      calls: usage.calls + 1,
      failedCalls: usage.failedCalls + (event.ok ? 0 : 1),
      promptTokens: usage.promptTokens + event.promptTokens,
      completionTokens: usage.completionTokens + event.completionTokens,
      estimatedCalls: usage.estimatedCalls + (event.estimated ? 1 : 0),
      byRole: {
        ...usage.byRole,
        [event.role]: {
          calls: role.calls + 1,
          promptTokens: role.promptTokens + event.promptTokens,
          completionTokens: role.completionTokens + event.completionTokens,
        },
      },
    },
  };
}
