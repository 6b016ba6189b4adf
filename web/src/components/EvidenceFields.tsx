import type { EvidenceField } from '../api/types';
import { plain } from '../lib/text';
import { Bytes } from './Bytes';
import classes from './Reveal.module.css';
import { SafeText } from './Text';

/** What somebody sent, part by part. An attacker may have named the parts, two of them alike. */
export function EvidenceFields({ fields }: { fields: Pick<EvidenceField, 'name' | 'base64'>[] }) {
  return (
    <dl className={classes.fields}>
      {fields.map((f, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and names may be alike
        <div key={i} className={classes.field}>
          <dt>
            <SafeText>{f.name}</SafeText>
          </dt>
          <dd>
            <Bytes name={plain(f.name)} base64={f.base64} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
