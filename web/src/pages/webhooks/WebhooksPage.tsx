import { Button } from '@mantine/core';
import { Lock, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { useMe } from '../../api/queries';
import type { Webhook, WebhookSaved } from '../../api/types';
import { useWebhooks } from '../../api/webhooks';
import { KeyHelp, KeyHelpButton } from '../../components/KeyHelp';
import { Page } from '../../components/Page';
import { Split } from '../../components/Split';
import { Notice } from '../../components/States';
import { listKeyHelp } from '../../lib/listKeys';
import { includes } from '../../lib/roles';
import { useListNav } from '../../lib/useListNav';
import { NewWebhookPane } from './NewWebhookPane';
import { type Secret, SecretOnce } from './SecretOnce';
import { Silences } from './Silences';
import { WebhookList } from './WebhookList';
import { WebhookPane } from './WebhookPane';

const lead = 'Who is told what happens here. Deliveries are signed, retried, and kept while a receiver is away.';

export function WebhooksPage() {
  const role = useMe().data?.role;
  if (includes(role, 'admin')) return <Webhooks />;
  return (
    <Page title="Webhooks" lead={lead}>
      <Silences />
      <Notice icon={<Lock size={26} />} title="For administrators">
        <p>Your role is {role}. Ask an administrator whether an alert reaches where it should.</p>
      </Notice>
    </Page>
  );
}

function Webhooks() {
  const [, navigate] = useLocation();
  const openId = useParams<{ id?: string }>().id;
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const query = useWebhooks();
  const rows = query.data?.items ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const none = useRef<HTMLInputElement>(null);

  const go = (id?: string) => navigate(id === undefined ? '/webhooks' : `/webhooks/${encodeURIComponent(id)}`);
  const open = (w: Webhook) => {
    setAdding(false);
    go(w.id);
  };
  const close = () => {
    setAdding(false);
    go();
    scroller.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const add = () => {
    if (openId !== undefined) go();
    setAdding(true);
  };
  const made = (w: WebhookSaved) => {
    if (w.secret !== null) setSecret({ webhook: w.id, value: w.secret });
    open(w);
  };
  const aside = adding ? 'new' : openId;
  const nav = useListNav({
    rows,
    idOf: (w) => w.id,
    openId: aside,
    onOpen: open,
    onClose: close,
    filterInput: none,
    blocked: secret !== null,
  });
  const shared = { presets: query.data?.presets ?? [], formats: query.data?.formats ?? [] };

  return (
    <Page
      fill
      title="Webhooks"
      lead={lead}
      actions={
        <>
          <Button size="xs" leftSection={<Plus size={14} />} onClick={add}>
            Add a webhook
          </Button>
          <KeyHelpButton onClick={() => nav.setHelp(true)} />
        </>
      }
    >
      {aside === undefined && <Silences />}
      <Split open={aside !== undefined}>
        <WebhookList
          query={query}
          cursor={adding ? -1 : nav.cursor}
          narrow={aside !== undefined}
          scroller={scroller}
          onPick={open}
          onAdd={add}
        />
        {adding && <NewWebhookPane {...shared} onClose={close} onMade={made} />}
        {!adding && openId !== undefined && (
          <WebhookPane
            key={openId}
            id={openId}
            {...shared}
            position={nav.position}
            onStep={nav.step}
            onClose={close}
            onSecret={(value) => setSecret({ webhook: openId, value })}
          />
        )}
      </Split>
      {secret !== null && <SecretOnce secret={secret} onClose={() => setSecret(null)} />}
      <KeyHelp
        open={nav.help}
        onClose={() => nav.setHelp(false)}
        keys={listKeyHelp('webhook').filter(([keys]) => !keys.includes('/'))}
      />
    </Page>
  );
}
