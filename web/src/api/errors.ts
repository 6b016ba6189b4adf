/** An answer that is not the one asked for: an RFC 9457 problem, or no answer at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly retryAfter: number | undefined;

  constructor(status: number, title: string, detail: string, retryAfter?: number) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.retryAfter = retryAfter;
  }
}

type Problem = { title?: string; detail?: string; errors?: { message?: string; location?: string }[] };

/** Reads a problem from an answer; survives proxies that answer in HTML. */
export function problem(response: Response, body: unknown): ApiError {
  const p: Problem = typeof body === 'object' && body !== null ? body : {};
  const details = (p.errors ?? []).map((e) => [e.message, e.location].filter(Boolean).join(' at '));
  const text = [p.detail, ...details].filter(Boolean).join('; ');
  const retry = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ApiError(
    response.status,
    p.title ?? `HTTP ${response.status}`,
    text || `The server answered ${response.status} without saying why.`,
    Number.isFinite(retry) ? retry : undefined,
  );
}

/** What to tell a person, and whether trying again can help. */
export function explain(error: unknown): { title: string; detail: string; retry: boolean } {
  if (!(error instanceof ApiError)) return { title: 'This page broke', detail: String(error), retry: true };
  if (error.status === 0) return { title: 'Cordon does not answer', detail: error.message, retry: true };
  if (error.status === 403) return { title: 'Not for your role', detail: error.message, retry: false };
  if (error.status === 404) return { title: 'Not found', detail: error.message, retry: false };
  if (error.status >= 500) return { title: 'Cordon could not answer', detail: error.message, retry: true };
  return { title: error.title, detail: error.message, retry: true };
}
