/** An answer that is not the one asked for: an RFC 9457 problem, or no answer at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly retryAfter: number | undefined;
  /** What is wrong with which part of the request: location ("body.regex") to message. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, title: string, detail: string, retryAfter?: number, fields: Record<string, string> = {}) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.retryAfter = retryAfter;
    this.fields = fields;
  }
}

type Problem = { title?: string; detail?: string; errors?: { message?: string; location?: string }[] };

/** Reads a problem from an answer; survives proxies that answer in HTML. */
export function problem(response: Response, body: unknown): ApiError {
  const p: Problem = typeof body === 'object' && body !== null ? body : {};
  const detail = p.detail ?? '';
  const unsaid = (p.errors ?? []).filter((e) => !detail.includes(e.message ?? ''));
  const text = [detail, ...unsaid.map((e) => [e.location, e.message].filter(Boolean).join(': '))].filter(Boolean);
  const retry = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ApiError(
    response.status,
    p.title ?? `HTTP ${response.status}`,
    text.map(plainly).join('; ') || `The server answered ${response.status} without saying why.`,
    Number.isFinite(retry) ? retry : undefined,
    Object.fromEntries((p.errors ?? []).map((e) => [e.location ?? '', e.message ?? ''])),
  );
}

const call = /; (?:GET|POST) \/api\/v1\/\S+ (?:lists all|lists what is|says where)(, and)?/g;
const field = /\b(?:body|query|path|header)\.([\w-]+)(?:\[\d+\])?/g;

/** What a problem says, for whoever looks at a page: fields by their names, and no call that only a program would make. */
const plainly = (text: string): string =>
  text
    .replace(call, (_, more?: string) => (more === undefined ? '' : ';'))
    .replace(field, (_, name: string) => name.replaceAll('_', ' '));

/** An error sorted for a form: what to say above it, and at which field. */
export type FormErrors<F extends string> = { form?: string; at: Partial<Record<F, string>> };

/** Sorts an error for a form whose fields are `known` (as in the body, without "body."). */
export function formErrors<F extends string>(error: unknown, known: readonly F[]): FormErrors<F> {
  if (error === null || error === undefined) return { at: {} };
  if (!(error instanceof ApiError)) return { form: error instanceof Error ? error.message : String(error), at: {} };
  const at: Partial<Record<F, string>> = {};
  for (const [location, message] of Object.entries(error.fields)) {
    const name = known.find((f) => location === `body.${f}` || location.startsWith(`body.${f}[`));
    if (name === undefined) return { form: error.message, at: {} };
    at[name] = message;
  }
  return Object.keys(at).length === 0 ? { form: error.message, at } : { at };
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
