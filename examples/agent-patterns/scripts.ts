import type { JsonValue } from '@agentswarm/dag-engine/engine';
import type { Script } from './scripted-model.ts';

const lengthOf = (value: JsonValue | undefined) => (Array.isArray(value) ? value.length : 0);
const textOf = (value: JsonValue | undefined) => (typeof value === 'string' ? value : '');

/** Forgets the schema until it is told. */
export const forgetfulWriter: Script = (_role, { problem }) =>
  problem === null ? 'just some text' : { text: 'Written as asked.' };

/** Hands out an outline first, then the rest, then nothing. */
export const bookshop: Script = (role, input) => {
  if (role === 'writer') return { text: `About ${textOf(input['task'])}` };
  const handedOut = lengthOf(input['done']);
  if (handedOut === 0) return { parts: ['outline'] };
  return { parts: handedOut === 1 ? ['opening hours', 'prices'] : [] };
};

/** Members who look at one thing each. */
export const councillors: Script = (_role, { as }) =>
  as === 'treasurer'
    ? { approved: false, reason: 'It costs too much.' }
    : { approved: true, reason: `The ${textOf(as)} has nothing against it.` };

/** Each side answers what was said last; the judge goes with who said the last word. */
export const debaters: Script = (role, { side, said }) => {
  const turn = lengthOf(said);
  if (role === 'judge') return { approved: false, reason: `The last of ${turn} words was against it.` };
  return { text: `${side === 'for' ? 'Yes' : 'No'}, and that is argument ${turn + 1}.` };
};

/** An author who does what reviewers say, and a reviewer who wants a title and a date. */
export const authorAndReviewer: Script = (role, { findings, text }) => {
  const wanted = ['# Title', '2030-01-01'];
  if (role === 'writer') return { text: ['Some text', ...wanted.slice(0, lengthOf(findings))].join('\n') };
  const missing = wanted.find((each) => !textOf(text).includes(each));
  return missing === undefined
    ? { approved: true, reason: 'Nothing is missing.' }
    : { approved: false, reason: `"${missing}" is missing.` };
};
