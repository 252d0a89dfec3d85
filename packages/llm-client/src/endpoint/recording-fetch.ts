import type { ExchangeRecorder, ExchangeTap } from '../cassette/exchange-recorder.ts';
import { apiBaseUrl, type LlmEndpoint } from './endpoint.ts';

type Fetch = typeof globalThis.fetch;

/** A fetch that lets a recorder hear every exchange with an endpoint; what it gives is unchanged. */
export function createRecordingFetch(endpoint: LlmEndpoint, recorder: ExchangeRecorder): Fetch {
  const base = apiBaseUrl(endpoint);
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const tap = recorder.begin({
      method: init?.method?.toUpperCase() === 'POST' ? 'POST' : 'GET',
      path: url.startsWith(base) ? url.slice(base.length) : url,
      body: typeof init?.body === 'string' ? init.body : '',
      endpoint: endpoint.name,
    });
    try {
      const response = await fetch(input, init);
      tap.head(response.status, Object.fromEntries(response.headers));
      if (response.body === null) {
        tap.end('complete');
        return response;
      }
      return new Response(listen(response.body, tap), response);
    } catch (error) {
      tap.end('cut');
      throw error;
    }
  };
}

function listen(body: ReadableStream<Uint8Array>, tap: ExchangeTap): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          tap.end('complete');
          controller.close();
          return;
        }
        tap.chunk(value);
        controller.enqueue(value);
      } catch (error) {
        tap.end('cut');
        controller.error(error);
      }
    },
    async cancel(reason) {
      tap.end('cut');
      await reader.cancel(reason);
    },
  });
}
