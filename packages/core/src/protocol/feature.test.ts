import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { parseFeatureList } from './feature.ts';

const feature = (id: string, more: object = {}) => ({
  id,
  category: 'engine',
  priority: 1,
  description: `Build ${id}`,
  files: [`src/${id}.ts`],
  acceptance: ['its tests pass'],
  status: 'planned',
  ...more,
});
const text = (...features: unknown[]) => JSON.stringify({ features });

function problemsOf(content: string): unknown {
  try {
    parseFeatureList(content);
  } catch (error) {
    if (error instanceof InputError && error.code === 'FEATURES_INVALID')
      return error.details['problems'] ?? error.message;
    throw error;
  }
  return 'accepted';
}

describe('parseFeatureList', () => {
  it('reads features and fills in what may be left out', () => {
    const list = parseFeatureList(text(feature('a'), feature('b', { dependsOn: ['a'], verify: 'npm test' })));
    expect(list.features).toEqual([
      feature('a', { dependsOn: [] }),
      feature('b', { dependsOn: ['a'], verify: 'npm test' }),
    ]);
  });

  it('names entry and field of every problem', () => {
    const content = text(
      feature('ok'),
      feature('Bad Id', { priority: 0, files: [], extra: 1 }),
      { ...feature('no-status'), status: undefined },
      feature('paths', { files: ['ok.ts', '../escape', '.git/config'] }),
      'not an object',
    );
    expect(problemsOf(content)).toEqual([
      expect.stringMatching(/^features\[1\] \(id "Bad Id"\), field id: must be lower-case/),
      expect.stringMatching(/^features\[1\] \(id "Bad Id"\), field priority: /),
      expect.stringMatching(/^features\[1\] \(id "Bad Id"\), field files: /),
      expect.stringMatching(/^features\[1\] \(id "Bad Id"\): .*"extra"/),
      expect.stringMatching(/^features\[2\] \(id "no-status"\), field status: /),
      expect.stringMatching(/^features\[3\] \(id "paths"\), field files\.1: must be a path inside/),
      expect.stringMatching(/^features\[3\] \(id "paths"\), field files\.2: must be a path inside/),
      expect.stringMatching(/^features\[4\]: /),
    ]);
  });

  it('names duplicate ids and unknown dependencies', () => {
    expect(problemsOf(text(feature('a'), feature('a'), feature('b', { dependsOn: ['a', 'gone'] })))).toEqual([
      'features[1], field id: duplicate id "a"',
      'features[2] (id "b"), field dependsOn: unknown feature "gone"',
    ]);
  });

  it.each(['', '{', '[]', 'null', '{}', '{"features":{}}', '{"features":[]}', '{"features":[null]}'])(
    'refuses %j',
    (content) => expect(problemsOf(content)).not.toBe('accepted'),
  );
});
