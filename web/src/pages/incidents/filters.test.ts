import { describe, expect, it } from 'vitest';
import { filterOf, isNarrowed, readView, writeView } from './filters';

describe('the view of incidents', () => {
  it('survives the address', () => {
    const view = { queue: 'closed', severity: ['critical', 'low'], fingerprint: 'v1:a:b', address: '::1' } as const;
    expect(readView(writeView({ ...view, severity: [...view.severity] }))).toEqual(view);
    expect(writeView({}, 'i1')).toBe('?open=i1');
  });
  it('ignores what it does not know', () => {
    expect(readView('?queue=nonsense&severity=info&x=1')).toEqual({});
  });
  it('is sorted without being narrowed', () => {
    expect(readView(writeView({ sort: 'newest' }))).toEqual({ sort: 'newest' });
    expect(filterOf({ queue: 'all', sort: 'newest' })).toEqual({ sort: 'newest' });
    expect(readView('?sort=gravest')).toEqual({});
    expect(
      [{}, { sort: 'newest' }, { queue: 'all', sort: 'newest' }].map((v) =>
        isNarrowed(readView(writeView(v as object))),
      ),
    ).toEqual([false, false, true]);
  });
  it('asks for what is open unless something else is chosen', () => {
    const open = { state: ['triggered', 'acknowledged'], snoozed: 'false' };
    expect(filterOf({})).toEqual(open);
    expect(filterOf({ queue: 'mine' })).toEqual({ ...open, assignee: '@me' });
    expect(filterOf({ queue: 'review' })).toEqual({ ...open, state: ['triggered'] });
    expect(filterOf({ queue: 'snoozed' })).toEqual({ ...open, snoozed: 'true' });
    expect(filterOf({ queue: 'closed', severity: ['high'] })).toEqual({
      severity: ['high'],
      state: ['resolved', 'ignored'],
    });
    expect(filterOf({ queue: 'all' })).toEqual({});
    expect(filterOf({ fingerprint: 'v1:a:b' })).toEqual({ fingerprint: 'v1:a:b' });
    expect(filterOf(readView('?address=203.0.113.9'))).toEqual({ address: '203.0.113.9' });
  });
});
