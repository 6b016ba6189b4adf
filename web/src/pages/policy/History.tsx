import { Button } from '@mantine/core';
import { useVersions } from '../../api/egress';
import type { EgressVersion } from '../../api/types';
import { Panel } from '../../components/Page';
import { ErrorNotice, SkeletonRows } from '../../components/States';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import { ComparePicker, type Pair } from './Compare';
import classes from './Policy.module.css';

type Props = {
  current?: number;
  chosen?: number;
  onChoose: (version: number | undefined) => void;
  onCompare: (pair: Pair) => void;
};

/** The versions: who made them, when and why. One that is chosen is shown in the editor; two are compared. */
export function History({ current, chosen, onChoose, onCompare }: Props) {
  const { data, isPending, isError, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useVersions();
  const versions = data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Panel title="History" flush>
      {isPending && <SkeletonRows rows={5} height={30} />}
      {isError && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && versions.length === 0 && <p className={classes.none}>No version yet.</p>}
      {versions.length > 1 && <ComparePicker versions={versions} onCompare={onCompare} />}
      <ol className={classes.versions}>
        {versions.map((v) => (
          <Version
            key={v.version}
            version={v}
            current={v.version === current}
            chosen={v.version === (chosen ?? current)}
            onChoose={() => onChoose(v.version === current ? undefined : v.version)}
          />
        ))}
      </ol>
      {hasNextPage && (
        <div className={classes.more}>
          <Button size="xs" variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older versions
          </Button>
        </div>
      )}
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
