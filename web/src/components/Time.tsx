import { ago, stamp, utc } from '../lib/format';
import { useNow } from '../lib/useNow';

/** A time as people say it, exact on hover. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={utc(at)} className="num">
      {ago(at, now)}
    </time>
  );
}

export function Stamp({ at }: { at: string }) {
  return (
    <time dateTime={at} title={utc(at)} className="num">
      {stamp(at)}
    </time>
  );
}
