import { fileURLToPath } from 'node:url';
import { openReview } from './open-review.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const given = process.argv.slice(2);
const entries =
  given.length > 0
    ? given
    : [
        'merge-queue: lands two branches at once',
        'git: Fixed a bug.',
        'warp-drive: goes faster',
        'no package at all',
      ];

await using engine = await openReview(repository, { checkpoint: 'never' });
for (const { current_node, output, error } of await engine.runMultiple(entries)) {
  const wasReviewed = current_node === 'accepted' || current_node === 'returned';
  console.log(`${String(current_node)}:`, wasReviewed ? output : error?.message);
}
