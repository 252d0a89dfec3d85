import { expect, test } from 'vitest';
import { startFakeGateway } from './fake-gateway.ts';
import { submit, write } from './replies.ts';
import { createWorkplace, errorsOf, runToEnd } from './worker-fixture.ts';

test.concurrent.each([
  { name: 'a refused token', reply: { status: 401 }, message: /401/, requests: 1 },
  { name: 'an unknown model', reply: { status: 404 }, message: /404/, requests: 1 },
  { name: 'a server error', reply: { status: 500 }, message: /500/, requests: 9 },
  {
    name: 'a throttle',
    reply: { status: 429, headers: { 'retry-after': '0' } },
    message: /429/,
    requests: 9,
  },
  {
    name: 'a cut stream',
    reply: { cutAfter: 'I will' },
    message: /^the model call failed: terminated/,
    requests: 3,
  },
])('reports $name as model_failed', async ({ reply, message, requests }) => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway(() => reply, { socket: place.socket });
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result.exitCode).toBe(1);
  const errors = errorsOf(result.frames);
  expect(errors.map((error) => error.code)).toEqual(['model_failed']);
  expect(errors[0]?.message).toMatch(message);
  expect(gateway.requests).toHaveLength(requests);
});

test('goes on after a cut stream and a server error', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    write('greeting.txt', 'hello\n'),
    { cutAfter: 'I wi' },
    { status: 503 },
    submit(),
  ]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result).toMatchObject({ exitCode: 0 });
  expect(gateway.requests).toHaveLength(4);
});

test.concurrent('reports an unreachable gateway as model_failed', async () => {
  using place = createWorkplace();
  const result = await runToEnd(place, place.assignment({ kind: 'socket', path: place.socket }));
  expect(result.exitCode).toBe(1);
  expect(errorsOf(result.frames).map((error) => error.code)).toEqual(['model_failed']);
});
