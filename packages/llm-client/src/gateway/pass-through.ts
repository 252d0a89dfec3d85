import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExchangeTap } from '../cassette/exchange-recorder.ts';
import type { CallReporter } from '../endpoint/call-reporter.ts';
import { readUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import type { Route } from '../routing/router.ts';
import { createByteRedactor } from './byte-redactor.ts';
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
  const { endpoint } = route;
  const usageTap = createUsageTap(answer.headers['content-type']);
  const redactor = createByteRedactor(endpoint.apiKey);
  const httpStatus = answer.statusCode ?? 200;
  const { 'content-encoding': encoding = 'identity' } = answer.headers;
  // Nobody can tell whether it is complete.
  const isEncoded = encoding !== 'identity';
  const seen = { isCut: false };
  answer.once('error', () => {
    // Only now can be told who began: a moment later all is closed. Behind a client that does not read, an endpoint
    // is silent through no fault of its own.
    seen.isCut = !call.signal.aborted && !response.writableNeedDrain;
  });
  const end = async (arrived: boolean) => {
    tap?.end(arrived ? 'complete' : 'cut');
    const { usage, model: named, completionChars, complete } = usageTap.end();
    const tokens = readUsage(usage, { prompt: call.body.promptChars, completion: completionChars });
    const left = arrived || seen.isCut ? answerCut(route) : 'aborted';
    await reporter.end({
      ...(arrived && (complete || isEncoded) ? {} : { failure: left }),
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
    const level = seen.isCut ? 'warn' : 'debug';
    call.logger[level]({ err: error, endpoint: endpoint.name }, 'model answer was cut');
  }
}

function answerCut({ endpoint, model }: Route): LlmError {
  const message = `endpoint ${endpoint.name} ended the answer before it was complete`;
  return new LlmError('ANSWER_CUT', message, { details: { endpoint: endpoint.name, model } });
}
