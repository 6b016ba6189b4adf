// A writer driven by lines on standard input, for the live tests. Each line is a JSON array
// [command, ...arguments]; each is answered by one JSON line when it is done.
// Usage: node writer.mjs [FOLDER whose packages are run; else its own]
import { createRequire } from 'node:module'
import fs from 'node:fs'
import path from 'node:path'
import net from 'node:net'
import readline from 'node:readline'

const require = createRequire(process.argv[2] ? path.resolve(process.argv[2], 'package.json') : import.meta.url)
const Hypercore = require('hypercore')
const Corestore = require('corestore')
const crypto = require('hypercore-crypto')
const release = Number.parseInt(require('hypercore/package.json').version)

let core, source, store, streams = []
const sockets = new Set()
let server

// speak replicates over a socket what is there to replicate, with everyone who comes
const speak = (what, initiator) => (socket) => {
  sockets.add(socket)
  const stream = what.replicate(initiator)
  const end = () => { sockets.delete(socket); socket.destroy(); stream.destroy() }
  for (const s of [socket, stream]) { s.on('error', end); s.on('close', end) }
  socket.setNoDelay(true)
  socket.pipe(stream).pipe(socket)
}
const keys = (n) => crypto.keyPair(Buffer.alloc(32, n))
let random = 1
const next = (n) => { random = (random * 1103515245 + 12345) % 2147483648; return Math.floor(random / 65536) % n }
const payload = (i, size) => Buffer.from(`${i}:`.padEnd(size, 'x'))

const commands = {
  // open a core in dir, with the key pair of a seed
  async open (dir, seed, encrypted) {
    core = new Hypercore(dir, { keyPair: keys(seed), encryptionKey: encrypted ? Buffer.alloc(32, 7) : null })
    await core.ready()
    return core.length
  },
  async close () { for (const s of streams) s.destroy(); streams = []; await core.close(); if (source) await source.close(); source = null },
  // append count blocks of a size, one by one
  async append (count, size) {
    for (let i = 0; i < count; i++) await core.append(payload(core.length, size))
    return core.length
  },
  // append texts at once, a block each
  async say (...texts) { await core.append(texts.map((t) => Buffer.from(t))) },
  // append count blocks of a size at once
  async batch (count, size) {
    const from = core.length
    await core.append(Array.from({ length: count }, (_, i) => payload(from + i, size)))
    return core.length
  },
  async truncate (length) { await core.truncate(length) },
  async clear (start, end) { await core.clear(start, end) },
  // a random mixture of everything a writer does; hypercore 11 forgets more than what it clears
  async mixture (steps, seed) {
    random = seed
    for (let i = 0; i < steps; i++) {
      const what = next(100)
      if (what < 70) await core.append(payload(`${i}-${core.length}`, 10 + next(300)))
      else if (what < 85) await core.append(Array.from({ length: 1 + next(40) }, (_, j) => payload(`${i}-${j}`, next(100))))
      else if (what < 92 && core.length > 0) await core.truncate(Math.max(0, core.length - next(30)))
      else if (what < 96 && core.length > 2 && release < 11) { const at = next(core.length - 1); await core.clear(at, at + 1 + next(5)) }
      else await core.setUserData('k' + next(30), Buffer.alloc(300, i))
    }
    return core.length
  },
  // count blocks over cores that a link is switched to, per blocks each
  async rotate (root, count, per) {
    for (let i = 0; i < count; i++) {
      if (i % per === 0) {
        if (core) await core.close()
        const dir = path.join(root, `log-${i / per}`)
        core = new Hypercore(dir, { keyPair: keys(20 + i / per) })
        await core.ready()
        fs.symlinkSync(dir, path.join(root, '.next'))
        fs.renameSync(path.join(root, '.next'), path.join(root, 'current.log'))
      }
      await core.append(payload(i, 50))
    }
  },
  // a source in memory of this process and a replica in dir that downloads everything
  async replica (sourceDir, dir, count) {
    source = new Hypercore(sourceDir, { keyPair: keys(3) })
    await source.ready()
    core = new Hypercore(dir, source.key)
    await core.ready()
    const a = source.replicate(true, { keepAlive: false })
    const b = core.replicate(false, { keepAlive: false })
    streams = [a, b]
    a.on('error', () => {}); b.on('error', () => {})
    a.pipe(b).pipe(a)
    core.download({ start: 0, end: -1 })
    for (let i = 0; i < count; i++) await source.append(payload(i, 50))
    while (core.contiguousLength < count) await new Promise((resolve) => setTimeout(resolve, 5))
  },
  // a named core of a corestore; answers where it lies
  async store (dir, name) {
    store = new Corestore(dir, { primaryKey: Buffer.alloc(32, 5), unsafe: true })
    core = store.get({ name })
    await core.ready()
    if (release > 10) return path.join(dir, core.key.toString('hex'))
    const id = core.discoveryKey.toString('hex')
    return path.join(dir, 'cores', id.slice(0, 2), id.slice(2, 4), id)
  },
  // the commands that follow are about another core of the store, which stays open
  async also (name) {
    core = store.get({ name })
    await core.ready()
    return core.length
  },
  // offer the core, or the store, over TCP: listen, or dial; answers the port
  async serve (initiator, port = 0) {
    server = net.createServer(speak(store ?? core, initiator))
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
    return server.address().port
  },
  async dial (port, initiator) { speak(store ?? core, initiator)(net.connect(port, '127.0.0.1')) },
  // how many connections there are now
  async connections () { return sockets.size },
  // end the connections, and take no more
  async hangUp () { if (server) server.close(); for (const s of sockets) s.destroy() },
  // a core that is made as another program might: with a manifest, or with a key of its own
  async openWith (dir, seed, opts) {
    core = new Hypercore(dir, { keyPair: keys(seed), ...opts })
    await core.ready()
    return core.length
  },
  // a core whose manifest is of a version of hypercore 11, with everything in it
  async openManifest (dir, seed, version) {
    const pair = keys(seed)
    const manifest = { version, signers: [{ publicKey: pair.publicKey }], linked: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)], userData: Buffer.from('more') }
    core = new Hypercore(dir, { keyPair: pair, manifest })
    await core.ready()
    return core.length
  },
  // what is in the core now, as npm sees it
  async dump () {
    const blocks = []
    for (let i = 0; i < core.length; i++) blocks.push((await core.has(i)) ? (await core.get(i)).toString('base64') : null)
    return { key: core.key.toString('hex'), length: core.length, fork: core.fork, blocks }
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, ...args] = JSON.parse(line)
  try {
    process.stdout.write(JSON.stringify({ ok: (await commands[command](...args)) ?? null }) + '\n')
  } catch (err) {
    process.stdout.write(JSON.stringify({ error: `${command}: ${err.stack}` }) + '\n')
  }
}
process.exit(0)
