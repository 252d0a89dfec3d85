import { expect, it } from 'vitest';
import { agentResolver, type AgentProposal, type ConflictAgentRequest } from '@agentswarm/merge-queue';
import { createSampleMerge, runConflictResolverSuite, type MergeSample } from '../src/testing.ts';

const SAMPLE: MergeSample = {
  base: { 'a.ts': 'one\ntwo\n', 'gone.ts': 'x\n', 'image.bin': 'a\0b' },
  ours: { 'a.ts': 'one\nours\n', 'image.bin': 'a\0o', 'yarn.lock': 'ours\n' },
  theirs: { 'a.ts': 'one\ntheirs\n', 'gone.ts': 'y\n', 'image.bin': 'a\0t', 'yarn.lock': 'theirs\n' },
  intents: { ours: ['say ours'], theirs: ['say theirs'] },
};

const answering = (...proposals: readonly AgentProposal[]) =>
  agentResolver({ agent: { propose: async () => proposals } });

runConflictResolverSuite({
  name: 'agent',
  create: () => answering({ path: 'a.ts', content: 'one\nours\ntheirs\n' }),
  sample: SAMPLE,
});

it('shows the texts and intents of both sides, and no binaries or lockfiles', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const requests: ConflictAgentRequest[] = [];
  const resolver = agentResolver({
    agent: {
      propose: async (request) => {
        requests.push(request);
        return [];
      },
    },
  });
  expect(await resolver.resolve(merge.request)).toEqual([]);
  expect(requests.map(({ conflicts, intents }) => ({ conflicts, intents }))).toEqual([
    {
      conflicts: [
        { path: 'a.ts', base: 'one\ntwo\n', ours: 'one\nours\n', theirs: 'one\ntheirs\n' },
        { path: 'gone.ts', base: 'x\n', theirs: 'y\n' },
      ],
      intents: SAMPLE.intents,
    },
  ]);
});

it.each([
  ['another path', { path: 'b.ts', content: 'x\n' }],
  ['a binary', { path: 'image.bin', content: 'x\n' }],
  ['binary content', { path: 'a.ts', content: 'x\0' }],
  ['markers', { path: 'a.ts', content: '<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n' }],
  ['half a character', { path: 'a.ts', content: '\ud800' }],
  ['the end of a file both sides have', { path: 'a.ts', content: null }],
])('does not accept %s', async (_what, proposal) => {
  await using merge = await createSampleMerge(SAMPLE);
  expect(await answering(proposal).resolve(merge.request)).toEqual([]);
});

it('may side with the one that removed a file', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  expect(await answering({ path: 'gone.ts', content: null }).resolve(merge.request)).toEqual([
    { path: 'gone.ts', version: null, dropped: ['theirs: y'] },
  ]);
});

it('says which lines of either side are not in the answer', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const resolver = answering({ path: 'a.ts', content: 'one\nours\n' });
  const [resolution] = await resolver.resolve(merge.request);
  expect(resolution?.dropped).toEqual(['theirs: theirs']);
});

it('takes the same patch for the same versions only once', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const resolver = answering({ path: 'a.ts', content: 'one\nboth\n' });
  expect(await resolver.resolve(merge.request)).toHaveLength(1);
  expect(await resolver.resolve(merge.request)).toEqual([]);
  await using newer = await createSampleMerge({ ...SAMPLE, ours: { ...SAMPLE.ours, 'a.ts': 'newer\n' } });
  expect(await resolver.resolve(newer.request)).toHaveLength(1);
});
