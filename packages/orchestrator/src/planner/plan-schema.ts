import { isInScope, TaskSchema, type Feature, type Task, type TaskId } from '@agentswarm/core';
import { createTaskGraph, GraphError } from '@agentswarm/dag-engine';
import { z } from 'zod';

/** What a planner's answer is checked against besides its shape. */
export interface PlanContext {
  /** Tasks planned earlier in the run. */
  readonly knownTasks: readonly Task[];
  readonly features: readonly Feature[];
  readonly landedFeatures: ReadonlySet<TaskId>;
  readonly forbidden: readonly string[];
  /** Command that fails on main. */
  readonly failingCommand?: string | undefined;
}

const AnswerSchema = z.strictObject({
  scratchpad: z.string().max(20_000),
  tasks: z.array(TaskSchema).max(100),
  specMet: z.boolean(),
});

/** A planner's answer. */
export type Plan = z.infer<typeof AnswerSchema>;

/** The schema of one round's answer; its problems are worded for the model. */
export function createPlanSchema(context: PlanContext): z.ZodType<Plan> {
  return AnswerSchema.superRefine((plan, refinement) => {
    for (const message of findPlanProblems(plan, context)) {
      refinement.addIssue({ code: 'custom', message, path: ['tasks'] });
    }
  });
}

/** Everything wrong with an answer of the right shape. */
function findPlanProblems(plan: Plan, context: PlanContext): string[] {
  return [
    ...findGraphProblems(plan, context),
    ...plan.tasks.flatMap((task) => findTaskProblems(task, context)),
    ...findCompletionProblems(plan, context),
  ];
}

function findGraphProblems(plan: Plan, { knownTasks }: PlanContext): string[] {
  const known = new Set(knownTasks.map((task) => task.id));
  const reused = plan.tasks
    .filter((task) => known.has(task.id))
    .map((task) => `id "${task.id}" is already taken by an earlier task`);
  if (reused.length > 0) return reused;
  try {
    createTaskGraph([...knownTasks, ...plan.tasks]);
    return [];
  } catch (error) {
    if (error instanceof GraphError) return error.message.split('\n');
    throw error;
  }
}

function findTaskProblems(task: Task, { features, forbidden }: PlanContext): string[] {
  const featureIds = new Set(features.map((feature) => feature.id));
  return [
    ...task.features
      .filter((id) => !featureIds.has(id))
      .map((id) => `task "${task.id}": unknown feature "${id}"`),
    ...task.scope
      .filter((path) => isInScope(path, forbidden))
      .map((path) => `task "${task.id}": "${path}" is forbidden for workers`),
  ];
}

function findCompletionProblems(plan: Plan, context: PlanContext): string[] {
  const { features, landedFeatures, failingCommand } = context;
  if (!plan.specMet) return [];
  const missing = features.filter((feature) => !landedFeatures.has(feature.id)).map((feature) => feature.id);
  return [
    ...(missing.length > 0
      ? [`specMet is true but these features have not landed: ${missing.join(', ')}`]
      : []),
    ...(plan.tasks.length > 0 ? ['specMet is true but there are tasks'] : []),
    ...(failingCommand === undefined
      ? []
      : [`specMet is true but the gate fails on main: ${failingCommand}`]),
  ];
}
