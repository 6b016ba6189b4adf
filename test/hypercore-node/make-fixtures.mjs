// Writes the fixtures of hypercore/testdata with the real packages, from fixed keys, so
// that a second run gives the same bytes. Usage: node make-fixtures.mjs DIR
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const Hypercore = require('hypercore')
const First = require('hypercore-first')
const Corestore = require('corestore')
const crypto = require('hypercore-crypto')
const multisig = require('hypercore/lib/multisig')

const out = path.resolve(process.argv[2] ?? 'testdata')
fs.rmSync(out, { recursive: true, force: true })
fs.mkdirSync(out, { recursive: true })

const seed = (n) => Buffer.alloc(32, n)
const keys = (n) => crypto.keyPair(seed(n))
const text = (from, to) => Array.from({ length: to - from }, (_, i) => Buffer.from(`block ${from + i}`))
const facts = {}

// core makes one fixture: fn writes it, and what it then holds is noted for the tests.
async function core (name, opts, fn, Class = Hypercore) {
  const dir = path.join(out, name)
  const c = new Class(dir, { keyPair: keys(1), ...opts })
  await c.ready()
  await fn(c)
  await note(name, c)
  await c.close()
}

async function note (name, c) {
  const blocks = []
  for (let i = 0; i < c.length; i++) {
    blocks.push((await c.has(i)) ? (await c.get(i)).toString('base64') : null)
  }
  facts[name] = {
    key: c.key.toString('hex'),
    length: c.length,
    fork: c.fork,
    root: (await c.treeHash(c.length)).toString('hex'),
    blocks
  }
}

const appendEach = async (c, blocks) => { for (const b of blocks) await c.append(b) }

await core('empty', {}, async () => {})
for (const n of [1, 2, 3, 4, 5, 7, 8, 16, 17, 33]) {
  await core(`length-${n}`, {}, (c) => appendEach(c, text(0, n)))
}
await core('batch', {}, (c) => c.append(text(0, 100)))
await core('zero-length-blocks', {}, (c) => appendEach(c, [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(0), Buffer.alloc(0)]))
await core('user-data', {}, async (c) => {
  await c.setUserData('app/secret', Buffer.alloc(32, 9))
  await appendEach(c, text(0, 3))
  await c.setUserData('app/note', Buffer.from('hello'))
})
await core('external-header', {}, async (c) => {
  for (let i = 0; i < 40; i++) await c.setUserData(`app/${i}`, Buffer.alloc(200, i))
  await appendEach(c, text(0, 9))
})
await core('truncated-shorter', {}, async (c) => { await appendEach(c, text(0, 10)); await c.truncate(6) })
await core('truncated-same', {}, async (c) => { await appendEach(c, text(0, 10)); await c.truncate(6); await appendEach(c, text(100, 104)) })
await core('truncated-longer', {}, async (c) => { await appendEach(c, text(0, 10)); await c.truncate(6); await appendEach(c, text(100, 120)) })
await core('forked-twice', {}, async (c) => {
  await appendEach(c, text(0, 12))
  await c.truncate(9)
  await appendEach(c, text(100, 105))
  await c.truncate(4)
  await appendEach(c, text(200, 210))
})
await core('truncated-to-zero', {}, async (c) => { await appendEach(c, text(0, 5)); await c.truncate(0) })
await core('cleared', {}, async (c) => { await appendEach(c, text(0, 40)); await c.clear(3); await c.clear(10, 20); await c.clear(39) })
await core('encrypted', { encryptionKey: seed(7) }, (c) => appendEach(c, text(0, 6)))
await core('encrypted-forked', { encryptionKey: seed(7) }, async (c) => { await appendEach(c, text(0, 6)); await c.truncate(3); await appendEach(c, text(100, 103)) })
await core('encrypted-manifest', { encryptionKey: seed(7), compat: false }, (c) => appendEach(c, text(0, 6)))
await core('manifest-v1', { compat: false }, (c) => appendEach(c, text(0, 6)))
await core('manifest-v0', { manifest: { version: 0, signers: [{ publicKey: keys(1).publicKey }] } }, (c) => appendEach(c, text(0, 6)))
await core('first-release', {}, (c) => appendEach(c, text(0, 11)), First)

const three = (version) => ({
  version,
  quorum: 2,
  allowPatch: true,
  signers: [1, 2, 3].map((n) => ({ publicKey: keys(n).publicKey }))
})

// signed lets two of three signers sign the same blocks; the second is `ahead` blocks longer.
async function multi (name, manifest, blocks, ahead) {
  const scratch = fs.mkdtempSync(path.join(out, '.scratch-'))
  const parts = []
  for (const [n, extra] of [[1, 0], [3, ahead]]) {
    const c = new Hypercore(path.join(scratch, String(n)), { manifest, keyPair: keys(n) })
    await c.ready()
    // a lone signer can't reach the quorum, so its raw signature is put in by hand
    const batch = c.core.tree.batch()
    for (const b of [...blocks, ...text(blocks.length, blocks.length + extra)]) batch.append(b)
    const raw = c.core.verifier.sign(batch, keys(n))
    await c.append([...blocks, ...text(blocks.length, blocks.length + extra)], { signature: raw })
    parts.push(await multisig.partialSignature(c.core.tree, n - 1, blocks.length, c.length, raw))
    await c.close()
  }
  const assemble = manifest.version === 0 ? multisig.assemblev0 : multisig.assemble
  await core(name, { manifest }, (c) => c.append(blocks, { signature: assemble(parts) }))
  fs.rmSync(scratch, { recursive: true })
}
await multi('manifest-multi-v1', three(1), text(0, 5), 0)
await multi('manifest-multi-v0', three(0), text(0, 5), 0)
await multi('manifest-multi-patch', three(1), text(0, 5), 4)

// a prologue: the first blocks come from another core and need no signature
{
  const src = new Hypercore(path.join(out, '.prologue'), { keyPair: keys(1) })
  await src.ready()
  await src.append(text(0, 5))
  const prologue = { hash: await src.treeHash(), length: src.length }
  for (const [name, more] of [['prologue-only', 0], ['prologue', 4]]) {
    await core(name, { manifest: { prologue, signers: [{ publicKey: keys(1).publicKey }] } }, async (c) => {
      await c.core.copyPrologue(src.core)
      if (more) await appendEach(c, text(5, 5 + more))
    })
  }
  await src.close()
  fs.rmSync(path.join(out, '.prologue'), { recursive: true })
}

// a replica that downloaded some blocks, and one that has none
{
  const src = new Hypercore(path.join(out, '.source'), { keyPair: keys(1) })
  await src.ready()
  await appendEach(src, text(0, 50))
  for (const [name, ranges] of [['sparse', [[5, 6], [20, 24], [48, 50]]], ['sparse-none', []]]) {
    const dir = path.join(out, name)
    const c = new Hypercore(dir, src.key)
    await c.ready()
    const a = src.replicate(true, { keepAlive: false })
    const b = c.replicate(false, { keepAlive: false })
    a.pipe(b).pipe(a)
    await c.update({ wait: true })
    for (const [start, end] of ranges) {
      for (let i = start; i < end; i++) await c.get(i)
    }
    await note(name, c)
    await c.close()
    a.destroy()
    b.destroy()
  }
  await src.close()
  fs.rmSync(path.join(out, '.source'), { recursive: true })
}

// a corestore with named cores
{
  const store = new Corestore(path.join(out, 'corestore'), { primaryKey: seed(5) })
  await store.ready()
  for (const [name, n] of [['audit', 3], ['messages', 12], ['idle', 0]]) {
    const c = store.get({ name })
    await c.ready()
    await appendEach(c, text(0, n))
    await note(`corestore/${name}`, c)
  }
  await store.close()
}

fs.writeFileSync(path.join(out, 'facts.json'), JSON.stringify(facts, null, 1) + '\n')
