import { FilterX, ListTodo } from 'lucide-react';
import { type RefObject, useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type ActionVerb, useActions } from '../../api/actions';
import { useMe } from '../../api/queries';
import type { Action } from '../../api/types';
import { Choice, Filters } from '../../components/Filters';
import { ListPage } from '../../components/ListPage';
import frame from '../../components/ListPage.module.css';
import { NameInput, namesIn } from '../../components/NameInput';
import { Notice } from '../../components/States';
import { StateTag } from '../../components/StateTag';
import { SafeText } from '../../components/Text';
import { Ago } from '../../components/Time';
import type { Column } from '../../components/VirtualTable';
import { ActionDialog } from './ActionDialog';
import { ActionPane, tagOf } from './ActionPane';
import classes from './Actions.module.css';
import { filterOf, readView, states, type View, writeView } from './filters';
import { verbsOf, whatOf } from './words';

const columns: Column<Action>[] = [
  { name: 'State', width: '112px', cell: (a) => <StateTag state={tagOf(a)} /> },
  { name: 'What', width: 'minmax(200px, 1.4fr)', cell: (a) => <SafeText>{whatOf(a)}</SafeText> },
  { name: 'Playbook', width: 'minmax(110px, 0.7fr)', cell: (a) => <SafeText mono>{a.playbook}</SafeText> },
  { name: 'Answers', width: 'minmax(150px, 1fr)', cell: (a) => <SafeText mono>{a.event_topic}</SafeText> },
  { name: 'By', width: 'minmax(80px, 0.5fr)', cell: (a) => <SafeText>{a.decided_by}</SafeText> },
  { name: 'Asked', width: '96px', cell: (a) => <Ago at={a.created_at} /> },
];

const keys: [keys: string[], what: string][] = [
  [['a'], 'approve it'],
  [['d'], 'reject it'],
  [['u'], 'undo it'],
];
const verbs: Record<string, ActionVerb> = { a: 'approve', d: 'reject', u: 'undo' };

/** What playbooks ask for, did, and could not do. */
export function ActionsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const query = useActions(filterOf(view));
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const role = useMe().data?.role;
  const [asked, ask] = useState<{ action: Action; verb: ActionVerb }>();
  const openId = new URLSearchParams(search).get('open') ?? undefined;
  const onKey = (key: string, action: Action | undefined) => {
    const verb = verbs[key];
    if (verb === undefined || action === undefined || !verbsOf(action, role).includes(verb)) return false;
    ask({ action, verb });
    return true;
  };
  return (
    <>
      <ListPage
        title="Actions"
        lead="What playbooks ask for, what they did, and what came of it."
        one="action"
        many="actions"
        rows={rows}
        idOf={(a) => a.id}
        query={query}
        columns={columns}
        card={(a) => <Card action={a} />}
        cardHeight={62}
        openId={openId}
        address={(id) => `/actions${writeView(view, id)}`}
        filters={(p) => (
          <Narrow
            view={view}
            onChange={(v) => navigate(`/actions${writeView(v)}`, { replace: true })}
            rows={rows}
            {...p}
          />
        )}
        pane={(a, pane) => (
          <ActionPane
            action={a?.id === openId ? a : undefined}
            onAsk={(verb) => a && ask({ action: a, verb })}
            {...pane}
          />
        )}
        empty={<Empty narrowed={writeView(view) !== ''} />}
        more={{ keys, onKey }}
        blocked={asked !== undefined}
      />
      {asked !== undefined && <ActionDialog {...asked} onClose={() => ask(undefined)} />}
    </>
  );
}

type NarrowProps = {
  view: View;
  onChange: (v: View) => void;
  rows: Action[];
  open: boolean;
  focus: RefObject<HTMLInputElement | null>;
};

function Narrow({ view, onChange, rows, open, focus }: NarrowProps) {
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <Choice
        name="State"
        className={classes.state}
        options={[{ value: '', label: 'In any state' }, ...states.map(([value, label]) => ({ value, label }))]}
        value={view.state}
        onChange={(value) => onChange({ ...view, state: value })}
      />
      <NameInput
        name="Playbook"
        hint="Playbook   /"
        value={view.playbook}
        all={namesIn(rows, (a) => [a.playbook])}
        maxLength={64}
        focus={focus}
        onCommit={(playbook) => onChange({ ...view, playbook })}
      />
    </Filters>
  );
}

function Card({ action: a }: { action: Action }) {
  return (
    <div className={frame.card}>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText>{whatOf(a)}</SafeText>
        </span>
        <Ago at={a.created_at} />
      </div>
      <div className={frame.line}>
        <span className={frame.grow}>
          <SafeText mono>{a.playbook}</SafeText>
        </span>
        <StateTag state={tagOf(a)} />
      </div>
    </div>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Notice icon={<FilterX size={26} />} title="No action matches">
      <p>There may be actions outside this filter.</p>
    </Notice>
  ) : (
    <Notice icon={<ListTodo size={26} />} title="No playbook wants anything">
      <p>
        Playbooks say what is done about which event: block an address, withhold a secret, turn the kill switch on, tell
        somebody. They come from the files that <code>respond.playbooks</code> names; <code>docs/response.md</code> has
        some to begin with.
      </p>
    </Notice>
  );
}
