import { useVersions } from '../../api/egress';
import type { EgressVersion } from '../../api/types';
import { Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import classes from './Policy.module.css';

type Props = { current?: number; chosen?: number; onChoose: (version: number | undefined) => void };

/** The last versions: who made them, when and why. One that is chosen is shown in the editor. */
export function History({ current, chosen, onChoose }: Props) {
  const { data, isPending, isError, error, refetch } = useVersions();
  return (
    <Panel title="History" flush>
      {isPending && <SkeletonRows rows={5} height={30} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <p className={classes.none}>No version yet.</p>}
      <ol className={classes.versions}>
        {data?.items.map((v) => (
          <Version
            key={v.version}
            version={v}
            current={v.version === current}
            chosen={v.version === (chosen ?? current)}
            onChoose={() => onChoose(v.version === current ? undefined : v.version)}
          />
        ))}
      </ol>
    </Panel>
  );
}

type VersionProps = { version: EgressVersion; current: boolean; chosen: boolean; onChoose: () => void };

function Version({ version: v, current, chosen, onChoose }: VersionProps) {
  return (
    <li>
      <button type="button" className={classes.version} aria-pressed={chosen} onClick={onChoose}>
        <span className={classes.line}>
          <strong>Version {v.version}</strong>
          {current && <span className={classes.current}>in force</span>}
          <Ago at={v.time} />
        </span>
        <span className={classes.note}>
          <SafeText>{v.author}</SafeText>: <SafeText>{v.reason}</SafeText>
        </span>
      </button>
    </li>
  );
}
