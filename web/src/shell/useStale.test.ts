import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { oldestStale } from './useStale';

/** Asks twice for what is shown: the first time it comes, the second time it does as told. */
async function askedTwice(second: () => Promise<string>, key = 'incidents', watched = true) {
  let times = 0;
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const observer = new QueryObserver(client, {
    queryKey: [key],
    queryFn: () => (times++ === 0 ? Promise.resolve('old') : second()),
  });
  const stop = observer.subscribe(() => {});
  await client.refetchQueries({ queryKey: [key] });
  await client.refetchQueries({ queryKey: [key] });
  if (!watched) stop();
  return oldestStale(client.getQueryCache().getAll());
}
const fails = () => Promise.reject(new Error('disk full'));

test('what could not be renewed is told with its reason', async () => {
  expect(await askedTwice(fails)).toMatchObject({ why: 'disk full', since: expect.any(Number) });
});
test('what was renewed is fresh', async () => {
  expect(await askedTwice(() => Promise.resolve('new'))).toBeUndefined();
});
test('what nobody looks at is not told of', async () => {
  expect(await askedTwice(fails, 'incidents', false)).toBeUndefined();
});
test('a session that ended is for the login to tell', async () => {
  expect(await askedTwice(fails, 'me')).toBeUndefined();
});
