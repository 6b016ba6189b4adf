import { bytesOf, hexdump, textOf } from '../lib/bytes';
import { plural } from '../lib/format';
import { CopyButton } from './Copy';
import classes from './Reveal.module.css';
import { SafeText } from './Text';

/** Exactly what somebody sent: as text when it is text, else byte by byte. What is copied is what was sent. */
export function Bytes({ base64, name }: { base64: string; name: string }) {
  const bytes = bytesOf(base64);
  const text = textOf(bytes);
  if (text === '') return <span className={classes.quiet}>empty</span>;
  return (
    <span className={classes.bytes}>
      {text === null ? (
        <pre className={classes.dump} tabIndex={0}>
          {hexdump(bytes)}
        </pre>
      ) : (
        <span className={classes.text}>
          <SafeText mono>{text}</SafeText>
        </span>
      )}
      <CopyButton
        value={text ?? base64}
        label={text === null ? `${name}, ${plural(bytes.length, 'byte')} in base64` : name}
      />
    </span>
  );
}
