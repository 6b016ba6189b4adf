// Rules: the real pack, read just well enough to be shown, and tried with
// JavaScript's regular expressions instead of RE2.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { done, json, problem } from './http.mjs';

const pack = fileURLToPath(new URL('../../detect/rules/', import.meta.url));
const day = 86_400_000;

export function initial(scenario, now) {
  return { rules: scenario === 'full' ? [...builtin(), ...own(now)] : [] };
}

const plainRule = {
  generic: false,
  from: '',
  changed: false,
  held: false,
  problem: '',
  slow: false,
  updated_at: null,
  updated_by: null,
  secret_group: 0,
  revoker: '',
  allowlist: {},
};

function builtin() {
  return readdirSync(pack)
    .filter((f) => f.endsWith('.yaml'))
    .flatMap((f) => family(f.replace('.yaml', ''), readFileSync(pack + f, 'utf8')));
}

function family(name, text) {
  return text
    .split(/^ {2}- (?=id:)/m)
    .slice(1)
    .map((entry, i) => {
      const value = (key) => entry.match(new RegExp(`^ *${key}: *(.*)$`, 'm'))?.[1]?.replace(/^'|'$/g, '') ?? '';
      const list = (key) =>
        value(key)
          .replace(/^\[|\]$/g, '')
          .split(/, */)
          .filter(Boolean); // prettier-ignore
      const id = value('id');
      return {
        id,
        description: value('description'),
        provider: value('provider'),
        family: name,
        severity: value('severity') || 'high',
        confidence: Number(value('confidence') || 0.8),
        active: id !== 'generic-password',
        origin: 'builtin',
        secret_type: value('secret_type') || id.toUpperCase().replaceAll('-', '_'),
        tags: list('tags'),
        hits_7d: (i * 37 + id.length * 11) % 5 === 0 ? (i * 131 + id.length * 17) % 900 : 0,
        ...plainRule,
        regex: value('regex').replaceAll("''", "'"),
        keywords: list('keywords'),
        entropy: Number(value('entropy') || 0),
        validator: value('validator'),
        recommendation: 'Revoke the secret where it was issued, then replace it wherever it is used.',
        positives: 2,
        negatives: 2,
        history: [],
      };
    });
}

const own = (now) => [
  {
    id: 'acme-deploy-token',
    description: 'Acme deploy token',
    provider: 'Acme',
    family: 'custom',
    severity: 'critical',
    confidence: 0.95,
    active: true,
    origin: 'custom',
    secret_type: 'ACME_DEPLOY_TOKEN',
    tags: ['ci'],
    hits_7d: 12,
    ...plainRule,
    regex: 'acme_[0-9a-f]{40}',
    keywords: ['acme_'],
    entropy: 3,
    validator: '',
    recommendation: 'Revoke it at deploy.acme.example, then run the pipeline again.',
    positives: 1,
    negatives: 1,
    history: [
      past(now - day, 'update', 'acme_[0-9a-f]{32}', 'acme_[0-9a-f]{40}', 0.95, 'tokens became longer in March'),
      past(now - 9 * day, 'add', null, 'acme_[0-9a-f]{32}', 0.8, 'our deploy service'),
    ],
  },
  {
    id: 'legacy-session',
    description: '<img src=x onerror=alert(1)> \u202eold sessions',
    provider: '',
    family: 'imported',
    severity: 'low',
    confidence: 0.4,
    active: false,
    origin: 'imported',
    secret_type: 'LEGACY_SESSION',
    tags: [],
    hits_7d: 0,
    ...plainRule,
    from: 'patterns.yaml',
    slow: true,
    regex: 'sess_(?P<secret>[A-Za-z0-9]{24})',
    keywords: [],
    entropy: 0,
    validator: '',
    recommendation: '',
    positives: 0,
    negatives: 0,
    history: [past(now - 30 * day, 'add', null, 'sess_(?P<secret>[A-Za-z0-9]{24})', 0.4, '')],
  },
];

const past = (at, action, old_regex, new_regex, confidence, decision_reason) => ({
  timestamp: new Date(at).toISOString(),
  action,
  old_regex,
  new_regex,
  confidence,
  status: 'approved',
  submitted_by: 'human',
  approved_by: 'ana',
  decision_reason,
});

const short = ({ regex, keywords, entropy, validator, recommendation, positives, negatives, history, ...r }) => r;

export const routes = {
  'GET rules': ({ state, res }) => json(res, 200, { items: state.rules.map(short) }),
  'GET rules/:id': ({ state, res, id }) => withRule(state, res, id, (r) => answer(res, 200, r)),
  'PUT rules/:id': ({ state, res, req, id, body }) =>
    withRule(state, res, id, (r) => {
      const bad = regexError(body.regex);
      if (bad) return refuse(res, 'body.regex', bad);
      if (req.headers['if-match'] !== etag(r))
        return problem(res, 412, 'Precondition Failed', 'the rule has changed since you read it; read it again');
      const { reason = '', ...change } = body;
      const before = r.regex;
      Object.assign(r, change);
      r.history.unshift(past(Date.now(), 'update', before, r.regex, r.confidence, reason));
      answer(res, 200, r);
    }),
  'POST rules': ({ state, res, body }) => {
    const bad = regexError(body.regex);
    if (bad) return refuse(res, 'body.regex', bad);
    if (state.rules.some((r) => r.id === body.id)) return refuse(res, 'body.id', `there is a rule ${body.id} already`);
    const { reason = '', ...draft } = body;
    const made = {
      ...own(0)[1],
      ...draft,
      origin: 'custom',
      family: 'custom',
      active: true,
      recommendation: '',
      history: [past(Date.now(), 'add', null, draft.regex, draft.confidence, reason)],
    };
    state.rules.push(made);
    answer(res, 201, made);
  },
  'DELETE rules/:id': ({ state, res, id }) => {
    state.rules = state.rules.filter((r) => r.id !== id);
    done(res);
  },
  'POST rules/test': ({ state, res, body }) => {
    const bad = regexError(body.rule?.regex);
    if (bad) return refuse(res, 'body.rule.regex', bad);
    const tried = body.rule ? [{ id: 'draft', ...body.rule }] : state.rules.filter((r) => r.active);
    const findings = tried.flatMap((r) => hits(r, body.text)).toSorted((a, b) => a.offset - b.offset);
    json(res, 200, { findings, not_scanned: [] });
  },
  'POST rules/import': ({ state, res, body }) => {
    if (!/[:=]/.test(body.content))
      return problem(res, 422, 'Unprocessable Entity', 'line 1: this is neither patterns.yaml nor a .gitleaks.toml');
    if (!body.dry_run) state.rules.push({ ...own(0)[1], id: 'imported-one', description: 'From a file', active: true });
    json(res, 200, { ...imported, dry_run: body.dry_run });
  },
};

const imported = {
  format: 'shhh',
  added: 1,
  updated: 1,
  unchanged: 1,
  refused: 1,
  items: [
    { rule: 'imported-one', line: 2, action: 'add', detail: '' },
    { rule: 'legacy-session', line: 5, action: 'update', detail: 'regex, confidence 0.4 to 0.6' },
    { rule: 'old-key', line: 9, action: 'unchanged', detail: '' },
    { rule: 'lookahead', line: 12, action: 'refused', detail: 'regex: RE2 has no (?=...); write it without lookahead' },
  ],
  notes: [{ rule: 'imported-one', line: 4, reason: 'path is not looked at: messages have none' }],
};

const etag = (r) => `"${r.id}-${r.history.length}"`;

function answer(res, status, r) {
  res.setHeader('ETag', etag(r));
  json(res, status, r);
}

function withRule(state, res, id, then) {
  const found = state.rules.find((r) => r.id === id);
  return found ? then(found) : problem(res, 404, 'Not Found', `there is no rule ${id}`);
}

const refuse = (res, location, message) =>
  problem(res, 422, 'Unprocessable Entity', `${location.replace('body.', '')}: ${message}`, [{ location, message }]);

function compiled(regex) {
  const flags = regex.startsWith('(?i)') ? 'gi' : 'g';
  return new RegExp(regex.replace(/^\(\?i\)/, '').replaceAll('(?P<', '(?<'), flags);
}

function regexError(regex) {
  if (regex === undefined) return '';
  try {
    compiled(regex);
    return '';
  } catch (e) {
    return e.message.replace(/^Invalid regular expression: /, '');
  }
}

function hits(r, text) {
  let re;
  try {
    re = compiled(r.regex);
  } catch {
    return []; // what only RE2 knows
  }
  if (re.test('')) return []; // a regex that this reader did not get whole
  return [...text.matchAll(re)].slice(0, 50).map((m) => {
    const secret = m.groups?.secret ?? m[1] ?? m[0];
    const at = m.index + m[0].indexOf(secret);
    const before = text.slice(0, at).split('\n');
    return {
      rule: r.id,
      secret_type: r.secret_type ?? '',
      severity: r.severity,
      confidence: r.confidence,
      offset: Buffer.byteLength(text.slice(0, at)),
      length: Buffer.byteLength(secret),
      start: at,
      end: at + secret.length,
      line: before.length,
      column: before.at(-1).length + 1,
      redacted: secret.length < 12 ? '****' : `${secret.slice(0, 4)}****${secret.slice(-3)}`,
      decoders: [],
    };
  });
}
