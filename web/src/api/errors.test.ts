import { describe, expect, it } from 'vitest';
import { ApiError, formErrors, problem } from './errors';

const answer = (errors: { message: string; location: string }[]) =>
  problem(new Response(null, { status: 422 }), { title: 'Unprocessable', detail: 'the rule is refused', errors });

describe('problem', () => {
  const said = (detail: string, errors?: { message: string; location: string }[]) =>
    problem(new Response(null, { status: 422 }), { title: 'Unprocessable', detail, errors }).message;
  it('says each thing once, and names fields as people do', () => {
    const errors = [{ location: 'body.min_severity', message: 'is no severity' }];
    expect(said('body.min_severity: is no severity', errors)).toBe('min severity: is no severity');
    expect(said('it is refused', errors)).toBe('it is refused; min severity: is no severity');
    expect(said('body.topics[1]: is empty; query.until: is before since')).toBe(
      'topics: is empty; until: is before since',
    );
  });
  it('advises no call of the API', () => {
    expect(said('there is no incident 1; GET /api/v1/incidents lists all')).toBe('there is no incident 1');
    expect(
      said('no version 9; GET /api/v1/egress/policy/versions lists all, and cordon egress init writes a first one'),
    ).toBe('no version 9; cordon egress init writes a first one');
  });
});

describe('formErrors', () => {
  it('puts each message at its field', () =>
    expect(formErrors(answer([{ location: 'body.regex', message: 'missing )' }]), ['regex', 'id'])).toEqual({
      at: { regex: 'missing )' },
    }));
  it('finds the field of an item in a list', () =>
    expect(formErrors(answer([{ location: 'body.topics[1]', message: 'empty token' }]), ['topics'])).toEqual({
      at: { topics: 'empty token' },
    }));
  it('says what has no place in the form above it', () => {
    const got = formErrors(answer([{ location: 'header.If-Match', message: 'is malformed' }]), ['regex']);
    expect(got.form).toContain('the rule is refused');
    expect(got.form).toContain('is malformed');
  });
  it('says an error without fields above the form', () =>
    expect(formErrors(new ApiError(409, 'Conflict', 'there is such a rule already'), ['id'])).toEqual({
      form: 'there is such a rule already',
      at: {},
    }));
  it('has nothing to say without an error', () => expect(formErrors(null, ['id'])).toEqual({ at: {} }));
});
