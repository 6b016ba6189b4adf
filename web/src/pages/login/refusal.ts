import { ApiError } from '../../api/errors';

/** Why nobody was let in. */
export function refusal(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  if (error.status === 429) {
    const wait = error.retryAfter === undefined ? 'a while' : `${error.retryAfter} seconds`;
    return `Too many attempts. Wait ${wait}, then try again.`;
  }
  return error.message;
}
