// One end of an npm secret-stream over TCP, for hypercore/wire. It prints {port} when it
// listens, then {hash, key, remote} when the handshake is done, and sends every message back.
// Usage: node stream.mjs initiator|responder listen
//        node stream.mjs initiator|responder PORT
import { createRequire } from 'node:module'
import net from 'node:net'

const require = createRequire(import.meta.url)
const SecretStream = require('@hyperswarm/secret-stream')

const [role, where] = process.argv.slice(2)
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n')
const hex = (b) => b.toString('hex')

function speak (socket) {
  socket.setNoDelay(true)
  const stream = new SecretStream(role === 'initiator', socket, { keyPair: SecretStream.keyPair(Buffer.alloc(32, 9)) })
  stream.on('connect', () => tell({ hash: hex(stream.handshakeHash), key: hex(stream.publicKey), remote: hex(stream.remotePublicKey) }))
  stream.on('data', (message) => stream.write(message))
  stream.on('end', () => stream.end())
  stream.on('error', (err) => tell({ error: err.message }))
  stream.on('close', () => process.exit(0))
}

if (where === 'listen') {
  const server = net.createServer((socket) => { server.close(); speak(socket) })
  server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }))
} else {
  const socket = net.connect(Number(where), '127.0.0.1')
  speak(socket)
}
