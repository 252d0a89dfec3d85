import type { Rule, Scope } from 'eslint';

type CallExpression = Parameters<NonNullable<Rule.NodeListener['CallExpression']>>[0];
type Handler = Extract<CallExpression['arguments'][number], { type: `${string}FunctionExpression` }>;

/**
 * A failure may be logged, classified, wrapped or thrown again, and each of these mentions it. A `catch` clause or
 * a `.catch(…)` callback that never reads its parameter drops it. (`no-empty` is content with a comment.)
 */
export const noSwallowedError: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'Requires every caught error to be used.' },
    schema: [],
    messages: {
      clause: 'The caught error is never used: log it, classify it, or keep it as the cause.',
      callback: 'This rejection handler never uses the error: log it, classify it, or keep it as the cause.',
    },
  },
  create(context) {
    const { sourceCode } = context;
    return {
      CatchClause(node) {
        if (!isRead(sourceCode.getDeclaredVariables(node))) context.report({ node, messageId: 'clause' });
      },
      CallExpression(node) {
        const handler = rejectionHandler(node);
        if (handler === undefined) return;
        const parameters = sourceCode
          .getDeclaredVariables(handler)
          .filter(({ defs }) => defs.some(({ type }) => type === 'Parameter'));
        if (!isRead(parameters)) context.report({ node: handler, messageId: 'callback' });
      },
    };
  },
};

function rejectionHandler(call: CallExpression): Handler | undefined {
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const position = new Map([
    ['catch', 0],
    ['then', 1],
  ]).get(callee.property.name);
  const argument = position === undefined ? undefined : call.arguments[position];
  return argument?.type === 'ArrowFunctionExpression' || argument?.type === 'FunctionExpression'
    ? argument
    : undefined;
}

/** `void error` silences the compiler, not the reader. */
function isRead(variables: readonly Scope.Variable[]): boolean {
  return variables.some(({ references }) =>
    references.some((reference) => reference.isRead() && !isVoided(reference.identifier as Rule.Node)),
  );
}

function isVoided({ parent }: Rule.Node): boolean {
  return parent?.type === 'UnaryExpression' && parent.operator === 'void';
}
