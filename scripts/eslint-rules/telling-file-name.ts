import { basename, relative, sep } from 'node:path';
import type { Rule } from 'eslint';

const KEBAB_CASE = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d|bench))*\.(ts|mts|js|mjs|cjs)$/;
const EMPTY_WORDS = /^(.*-)?(shared|utils?|helpers?|common|misc|managers?)$/;

/** A path answers "what is this?": kebab-case, and none of the names under which anything could be found. */
export const tellingFileName: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'Requires kebab-case names that say what a file is.' },
    schema: [],
    messages: {
      case: '"{{name}}" is not kebab-case.',
      empty: '"{{name}}" says nothing about what is inside; name it after what it does.',
    },
  },
  create(context) {
    return {
      Program(node) {
        const path = relative(context.cwd, context.filename).split(sep);
        const name = basename(context.filename);
        if (!KEBAB_CASE.test(name)) context.report({ node, messageId: 'case', data: { name } });
        for (const part of path) {
          const stem = part.replace(/\..*$/, '');
          if (EMPTY_WORDS.test(stem)) context.report({ node, messageId: 'empty', data: { name: part } });
        }
      },
    };
  },
};
