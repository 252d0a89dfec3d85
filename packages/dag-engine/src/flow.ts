export { parseFlow } from './flow/flow.ts';
export type { Flow, ParseFlowOptions } from './flow/flow.ts';
export type { FlowTask } from './flow/flow-task.ts';
export type {
  DecisionNode,
  FlowMetadata,
  FlowNode,
  FlowValue,
  LlmCallNode,
  SkillNode,
} from './flow/flow-node.ts';
export { FlowError } from './flow/flow-error.ts';
export type { FlowErrorCode } from './flow/flow-error.ts';
export { runFlow } from './flow/run-flow.ts';
export type { FlowActions, FlowEvent, FlowQuestion, RunFlowOptions } from './flow/run-flow.ts';
export type { SeenValue } from './flow/condition/evaluate-condition.ts';
