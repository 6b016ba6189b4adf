import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError, problem } from './errors';
import type { paths } from './schema';

const patience = 20_000; // ms until an answer counts as missing

// Proves to the server that our own page asks, not a form on another site.
const sameOrigin: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('X-Cordon-Request', '1');
    return request;
  },
};

/** The API, typed by docs/openapi.json. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  fetch: sendWithin(patience),
  // Lists repeat their parameter: severity=high&severity=low.
  querySerializer: { array: { style: 'form', explode: true } },
});
api.use(sameOrigin);

/** Sends, and gives up after so many milliseconds. For calls that take long: `fetch: sendWithin(...)`. */
export function sendWithin(ms: number): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await fetch(request, { signal: AbortSignal.timeout(ms) });
    } catch (cause) {
      throw new ApiError(0, 'No answer', unreachable(cause, ms));
    }
  };
}

function unreachable(cause: unknown, ms: number): string {
  const slow = cause instanceof DOMException && cause.name === 'TimeoutError';
  return slow
    ? `No answer within ${ms / 1000} seconds. Is the machine overloaded?`
    : 'The connection was refused or cut. Is Cordon running?';
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of an answer; every answer that is not 2xx becomes an ApiError. */
export async function body<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await whole(answer)).data;
}

/** The same together with the response, for its headers. */
export async function whole<T>(answer: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  const { data, error, response } = await answer;
  if (!response.ok) throw problem(response, error);
  return { data: data as T, response };
}
