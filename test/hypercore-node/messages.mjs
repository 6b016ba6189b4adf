// What npm hypercore and protomux write, for hypercore/wire: every message of replication
// with its bytes, and the frames of a protomux that opens a channel, sends and closes it.
// Usage: node messages.mjs > messages.json
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const c = require('compact-encoding')
const { wire } = require('hypercore/lib/messages')
const Protomux = require('protomux')
const { Duplex } = require('streamx')

const fill = (n, size = 32) => Buffer.alloc(size, n)
const node = (index, size) => ({ index, size, hash: fill(index) })
const nodes = [node(0, 5), node(3, 300), node(9, 70000)]
const manifest = (version, n) => ({
  version, hash: 'blake2b', allowPatch: n > 1, quorum: 1, prologue: null,
  signers: Array.from({ length: n }, (_, i) => ({ signature: 'ed25519', namespace: fill(1), publicKey: fill(2 + i) }))
})
const none = { block: null, hash: null, seek: null, upgrade: null, manifest: null }

const cases = [
  ['sync', { fork: 0, length: 0, remoteLength: 0, canUpgrade: false, uploading: false, downloading: false, hasManifest: false }],
  ['sync', { fork: 3, length: 70000, remoteLength: 253, canUpgrade: true, uploading: true, downloading: true, hasManifest: true }],
  ['request', { ...none, id: 1, fork: 2, manifest: true, priority: 2 }],
  ['request', { ...none, id: 300, fork: 0, block: { index: 5, nodes: 3 }, upgrade: { start: 7, length: 2 } }],
  ['request', { ...none, id: 4294967296, fork: 0, hash: { index: 10, nodes: 0 }, seek: { bytes: 99, padding: 8 } }],
  ['cancel', { request: 7 }],
  ['data', { ...none, request: 1, fork: 2, block: { index: 4, value: fill(7, 400), nodes } }],
  ['data', { ...none, request: 1, fork: 2, block: { index: 4, value: fill(7, 0), nodes: [] } }],
  ['data', { ...none, request: 1, fork: 2, hash: { index: 4, nodes }, seek: { bytes: 12, nodes } }],
  ['data', { ...none, request: 1, fork: 2, upgrade: { start: 1, length: 9, nodes, additionalNodes: [node(21, 2)], signature: fill(8, 64) } }],
  ['data', { ...none, request: 1, fork: 0, manifest: manifest(1, 1) }],
  ['data', { ...none, request: 1, fork: 0, manifest: manifest(1, 3) }],
  ['data', { ...none, request: 1, fork: 0, manifest: manifest(0, 1) }],
  ['noData', { request: 9 }],
  ['want', { start: 32768, length: 2097152 }],
  ['unwant', { start: 0, length: 1 }],
  ['bitfield', { start: 32768, bitfield: new Uint32Array([1, 0xffffffff, 0x80000000]) }],
  ['range', { drop: false, start: 3, length: 1 }],
  ['range', { drop: true, start: 300, length: 70000 }],
  ['extension', { name: 'chat', message: Buffer.from('hello') }]
]
const order = ['sync', 'request', 'cancel', 'data', 'noData', 'want', 'unwant', 'bitfield', 'range', 'extension']
const messages = cases.map(([name, m]) => ({ name, type: order.indexOf(name), bytes: c.encode(wire[name], m).toString('base64') }))

const frames = []
const stream = new Duplex({ write (data, cb) { frames.push(data.toString('base64')); cb(null) } })
stream.userData = null
const mux = new Protomux(stream)
const channel = (id) => mux.createChannel({
  protocol: 'hypercore/alpha', id: id && fill(id), handshake: c.raw, messages: [{ encoding: c.raw }, { encoding: c.raw }]
})
const [first, second] = [channel(3), channel(null)]
first.open(Buffer.from('greeting'))
mux.cork()
second.open(Buffer.from('other'))
first.messages[0].send(Buffer.from('one'))
first.messages[1].send(Buffer.from('two'))
second.messages[0].send(fill(4, 300))
first.messages[0].send(Buffer.alloc(0))
mux.uncork()
second.messages[1].send(Buffer.from('alone'))
first.close()
await new Promise((resolve) => setTimeout(resolve, 50))
process.stdout.write(JSON.stringify({ messages, frames }, null, 1) + '\n')
process.exit(0)
