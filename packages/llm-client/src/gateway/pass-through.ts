import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExchangeTap } from '../cassette/exchange-recorder.ts';
import { readUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import type { Route } from '../routing/router.ts';
import { createByteRedactor } from './byte-redactor.ts';
import type { CallReporter } from './call-reporter.ts';
import type { ForwardedCall } from './forwarded-call.ts';
import { passedHeaders } from './upstream-answer.ts';
import { createUsageTap } from './usage-tap.ts';

/** Sends an answer on as it comes, reads its usage beside, and ends the call before the client sees the end. */
export async function passThrough(
  response: ServerResponse,
  passing: {
    readonly call: ForwardedCall;
    readonly route: Route;
    readonly reporter: CallReporter;
    readonly answer: IncomingMessage;
    readonly tap: ExchangeTap | undefined;
  },
): Promise<void> {
  const { call, route, reporter, answer, tap } = passing;
  const { endpoint, model } = route;
  const usageTap = createUsageTap(answer.headers['content-type']);
  const redactor = createByteRedactor(endpoint.apiKey);
  const httpStatus = answer.statusCode ?? 200;
  const end = async (arrived: boolean) => {
    tap?.end(arrived ? 'complete' : 'cut');
    const { usage, model: named, completionChars, complete } = usageTap.end();
    const tokens = readUsage(usage, { prompt: call.body.promptChars, completion: completionChars });
    const cut = new LlmError(
      'ANSWER_CUT',
      `endpoint ${endpoint.name} ended the answer before it was complete`,
      {
        details: { endpoint: endpoint.name, model },
      },
    );
    const left = call.signal.aborted ? 'aborted' : cut;
    await reporter.end({
      ...(arrived && complete ? {} : { failure: left }),
      usage: tokens,
      httpStatus,
      model: named,
    });
  };
  response.writeHead(httpStatus, passedHeaders(answer, endpoint));
  response.flushHeaders();
  const observe = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      usageTap.push(chunk);
      tap?.chunk(chunk);
      done(null, redactor.push(chunk));
    },
    flush(done) {
      // Before the end goes out: who has the whole answer finds the call already counted.
      end(true).then(() => done(null, redactor.end()), done);
    },
  });
  try {
    await pipeline(answer, observe, response, { signal: call.signal });
  } catch (error) {
    await end(false);
    // The head is out: only a broken connection can tell the client that the answer is not complete.
    response.destroy();
    const level = call.signal.aborted ? 'debug' : 'warn';
    call.logger[level]({ err: error, endpoint: endpoint.name }, 'model answer was cut');
  }
}
