// Session, users, API keys.
import { done, json, problem } from './http.mjs';

const user = (name, role, created_at, last_login_at) => ({ name, role, created_at, last_login_at, disabled_at: null });

const session = (id, agent, addr, current, at) => ({
  id: `0199b2c4-0000-7000-8000-00000000000${id}`,
  agent,
  addr,
  current,
  created_at: at(-9e7),
  seen_at: at(current ? -1e3 : -4e7),
  expires_at: at(5e8),
});

export function initial(scenario, now) {
  const at = (ms) => new Date(now + ms).toISOString();
  const keys = [
    {
      name: 'ci',
      role: 'viewer',
      prefix: 'cdn_Xk2p',
      created_at: at(-9e8),
      created_by: 'ana',
      expires_at: at(6e9),
      last_used_at: at(-6e5),
      revoked_at: null,
      scopes: [],
    },
  ];
  const users = [user('ana', 'admin', at(-9e8), at(-3e6))];
  const sessions = [session('1', 'Firefox 144 on Linux', '10.0.4.17', true, at)];
  if (scenario !== 'full') return { keys: [], users, sessions };
  keys.push(
    {
      ...keys[0],
      name: 'gateway',
      role: 'responder',
      prefix: 'cdn_p0Qa',
      scopes: ['leak:read', 'node:read'],
      expires_at: null,
    },
    { ...keys[0], name: 'laptop', prefix: 'cdn_7hZr', expires_at: at(-8e7), last_used_at: at(-9e7) },
    { ...keys[0], name: 'old-ci', prefix: 'cdn_m3Vd', revoked_at: at(-5e8), last_used_at: null },
  );
  users.push(user('bo', 'reviewer', at(-7e8), at(-9e7)), user('carla', 'responder', at(-6e8), null), {
    ...user('dmitri', 'viewer', at(-8e8), at(-6e8)),
    disabled_at: at(-2e8),
  });
  sessions.push(session('2', 'Safari 26 on iPhone', '10.9.1.3', false, at));
  return { keys, users, sessions };
}

export const routes = {
  'POST logout': ({ state, res }) => {
    state.loggedIn = false;
    done(res);
  },
  'GET users': ({ state, res }) => json(res, 200, { items: state.users }),
  'GET api-keys': ({ state, res }) => json(res, 200, { items: state.keys }),
  'POST users': ({ state, res, body }) => {
    state.users.push(user(body.name, body.role, new Date().toISOString(), null));
    json(res, 201, state.users.at(-1));
  },
  'PUT users/:id': ({ state, res, id, body }) => {
    const u = state.users.find((x) => x.name === id);
    if (loses(body) && last(state, u)) return refused(res, id);
    if (body.role) u.role = body.role;
    if (body.disabled !== undefined) u.disabled_at = body.disabled ? new Date().toISOString() : null;
    json(res, 200, u);
  },
  'PUT users/:id/password': ({ res, body, id }) =>
    id === 'ana' && body.current !== 'correct horse battery'
      ? problem(res, 403, 'Forbidden', 'the current password is wrong')
      : done(res),
  'DELETE users/:id': ({ state, res, id }) => {
    if (
      last(
        state,
        state.users.find((x) => x.name === id),
      )
    )
      return refused(res, id);
    state.users = state.users.filter((x) => x.name !== id);
    done(res);
  },
  'GET me/sessions': ({ state, res }) => json(res, 200, { items: state.sessions }),
  'DELETE me/sessions/:sub': ({ state, res, sub }) => {
    state.sessions = state.sessions.filter((x) => x.id !== sub);
    done(res);
  },
  'POST api-keys': ({ state, res, body }) => {
    const made = {
      ...body,
      prefix: 'cdn_Demo',
      created_at: new Date().toISOString(),
      created_by: 'ana',
      expires_at: body.expires_at ?? null,
      last_used_at: null,
      revoked_at: null,
      scopes: body.scopes ?? [],
    };
    state.keys.unshift(made);
    json(res, 201, { ...made, key: `cdn_${'Demo'.repeat(10)}Key` });
  },
  'DELETE api-keys/:id': ({ state, res, id }) => {
    state.keys.find((k) => k.name === id).revoked_at = new Date().toISOString();
    done(res);
  },
};

const loses = (body) => (body.role && body.role !== 'admin') || body.disabled === true;
const last = (state, u) =>
  u.role === 'admin' && state.users.filter((x) => x.role === 'admin' && x.disabled_at === null).length === 1;
const refused = (res, id) =>
  problem(res, 409, 'Conflict', `${id} is the last administrator who may log in; make another one first`);
