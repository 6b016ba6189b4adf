// What is usual for programs and hosts: an office, a nightly job that sent much more
// yesterday (see the events numbered 3 and 4), one that is still young, and one whose
// names are hostile.
import { json } from './http.mjs';
import { hostile } from './sessions.mjs';

const day = 24 * 60 * 60_000;
const iso = (t) => new Date(t).toISOString();

const shapes = {
  office: (h) => (h >= 8 && h < 18 ? 1.2e6 : 0),
  nightly: (h) => (h === 3 ? 4e6 : 0),
  steady: () => 3e5,
};

export const nightly = { program: '/usr/bin/restic', host: 'backup.example' };

export const initial = (scenario, now) => ({
  baselines:
    scenario !== 'full'
      ? []
      : [
          baseline('/usr/bin/python3', 'api.stripe.example', shapes.office, 60, now),
          baseline('/usr/bin/node', 'registry.npmjs.example', shapes.steady, 90, now),
          baseline(nightly.program, nightly.host, shapes.nightly, 40, now),
          baseline('', 'db.internal.example', shapes.steady, 5, now),
          baseline(`/opt/${hostile}`, 'telemetry.vendor.example', shapes.office, 30, now),
        ],
});

function baseline(program, host, shape, age, now) {
  const usual = (x, floor) => ({ mean: x, spread: x * 0.4, limit: Math.max(floor, 3 * x) });
  const hours = Array.from({ length: 24 }, (_, h) => ({
    bytes: usual(shape(h), shape(h) > 0 ? 5e6 : 1e6),
    requests: usual(shape(h) / 4e4, shape(h) > 0 ? 300 : 60),
  }));
  const sum = 6 * hours.reduce((n, h) => n + h.bytes.mean, 0);
  const much = host === nightly.host;
  const speaksFrom = now - age * day + 15 * day;
  return {
    node: 'eu-1',
    program,
    host,
    since: iso(now - age * day),
    until: iso(now),
    speaks: speaksFrom <= now,
    speaks_from: iso(speaksFrom),
    hours,
    days: Array.from({ length: Math.min(14, age - 1) }, (_, i) => ({
      day: iso(now - (Math.min(14, age - 1) - i) * day).slice(0, 10),
      bytes: sum * (0.8 + ((i * 7) % 5) / 10),
    })),
    today: much ? sum * 4 : sum / 2,
    day_limit: Math.max(1e7, sum * 1.8),
    told: much ? [{ measure: 'bytes_out', at: iso(now - day) }] : [],
  };
}

export const routes = {
  'GET egress/baselines': ({ state, res }) => json(res, 200, { items: state.baselines, unreadable: 0 }),
};
