import { expect, it } from 'vitest';
import { displayRemote, localPathOf } from './remote-url.ts';

it.each([
  ['https://user:secret@example.org/x.git', 'https://example.org/x.git'],
  ['https://ghp_token@example.org/x.git', 'https://example.org/x.git'],
  ['ssh://git:secret@example.org/x.git', 'ssh://git@example.org/x.git'],
  ['git@example.org:x.git', 'git@example.org:x.git'],
  ['/srv/x@y.git', '/srv/x@y.git'],
  [
    "fatal: cannot reach 'https://a:b@h/x' and https://c@h/y",
    "fatal: cannot reach 'https://h/x' and https://h/y",
  ],
])('shows %s as %s', (remote, shown) => {
  expect(displayRemote(remote)).toBe(shown);
});

it.each([
  ['/srv/x.git', '/srv/x.git'],
  ['./x', './x'],
  ['..', '..'],
  ['file:///srv/a%20b.git', '/srv/a b.git'],
  ['origin', undefined],
  ['git@example.org:x.git', undefined],
  ['https://example.org/x', undefined],
])('takes %s for the path %s', (remote, path) => {
  expect(localPathOf(remote)).toBe(path);
});
