import type { EventRecord } from '../../api/types';

/** Where an event leads: a page of this dashboard, and its name. */
export type Way = { href: string; name: string };

/** The pages that show what an event is about, from what it says. */
export function waysOf(e: EventRecord): Way[] {
  const said = new Map(Object.entries(isObject(e.data) ? e.data : {}));
  const text = (name: string): string => {
    const value = said.get(name);
    return typeof value === 'string' ? encodeURIComponent(value) : '';
  };
  const deception = /^(attacker|credential|decky)\./.test(e.topic);
  const all: [name: string, value: string, href: string][] = [
    ['The incident', text('incident_id'), '/incidents?open='],
    ['The quarantine entry', text('quarantine_id'), '/quarantine/'],
    ['The anomaly', e.topic.startsWith('anomaly.') ? text('episode_id') : '', '/anomalies?open='],
    ['The session', text('session'), '/sessions?open='],
    ['The attacker', deception ? text('source_ip') : '', '/attackers?open='],
    ['Incidents of its address', e.topic.startsWith('incident.') ? '' : text('source_ip'), '/incidents?address='],
    ['Its secret in findings', text('fingerprint'), '/findings?fingerprint='],
    ['The webhook', text('webhook'), '/webhooks/'],
  ];
  return all.filter(([, value]) => value !== '').map(([name, value, href]) => ({ name, href: href + value }));
}

const isObject = (v: unknown): v is object => typeof v === 'object' && v !== null && !Array.isArray(v);

const most = 64 * 1024; // characters of an event that are drawn

/** An event as the API gives it, for people; `cut` says that there is more than is drawn. */
export function rawOf(e: EventRecord): { whole: string; shown: string; cut: boolean } {
  const whole = JSON.stringify(e, null, 2);
  return { whole, shown: whole.slice(0, most), cut: whole.length > most };
}
