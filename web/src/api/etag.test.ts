import { describe, expect, it } from 'vitest';
import { etagOf } from './etag';

const answer = (etag?: string) => new Response(null, { headers: etag ? { ETag: etag } : {} });

describe('etagOf', () => {
  it('is what the node sent', () => expect(etagOf(answer('"v1"'))).toBe('"v1"'));
  it('is the same behind a proxy that compresses', () => expect(etagOf(answer('W/"v1"'))).toBe('"v1"'));
  it('is null without one', () => expect(etagOf(answer())).toBeNull());
});
