import { committee } from './committee.ts';
import { debate } from './debate.ts';
import { retryLoop } from './retry-loop.ts';
import { review } from './review.ts';
import { openRoles } from './roles.ts';
import { scriptedModel, type Script } from './scripted-model.ts';
import { authorAndReviewer, bookshop, councillors, debaters, forgetfulWriter } from './scripts.ts';
import { supervise } from './supervisor.ts';

type Pattern = (engine: Awaited<ReturnType<typeof openRoles>>) => Promise<unknown>;

const PATTERNS: Readonly<Record<string, readonly [Script, Pattern]>> = {
  'retry-loop': [
    forgetfulWriter,
    async (engine) => {
      const { attempts, result } = await retryLoop(engine, 'Write a note', 3);
      return { attempts, output: result.output };
    },
  ],
  supervisor: [bookshop, async (engine) => await supervise(engine, 'A page about the bookshop', 5)],
  committee: [
    councillors,
    async (engine) => await committee(engine, 'A new bridge', ['architect', 'treasurer', 'neighbour']),
  ],
  debate: [debaters, async (engine) => await debate(engine, 'Do we need a bridge?', 2)],
  review: [authorAndReviewer, async (engine) => await review(engine, 'Write minutes', 5)],
};

const [wanted] = process.argv.slice(2);
for (const [name, [script, run]] of Object.entries(PATTERNS)) {
  if (wanted !== undefined && wanted !== name) continue;
  await using engine = await openRoles(scriptedModel(script));
  console.log(name, JSON.stringify(await run(engine), null, 2));
}
