// Vectors of libsodium's secretstream, for hypercore/wire: what it makes of messages of many
// lengths, with the tags that change the key among them. The header is random.
// Usage: node secretstream.mjs > vectors.json
// With an argument it opens boxes instead: {k, h, boxes} on standard input, {messages, tags}
// on standard output.
import { createRequire } from 'node:module'
import fs from 'node:fs'

const require = createRequire(import.meta.url)
const sodium = require('sodium-native')
const {
  crypto_secretstream_xchacha20poly1305_STATEBYTES: STATE,
  crypto_secretstream_xchacha20poly1305_HEADERBYTES: HEADER,
  crypto_secretstream_xchacha20poly1305_ABYTES: MORE
} = sodium
const tags = { message: 0, push: 1, rekey: 2, final: 3 }

function seal () {
  const k = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
  const state = Buffer.alloc(STATE)
  const header = Buffer.alloc(HEADER)
  sodium.crypto_secretstream_xchacha20poly1305_init_push(state, header, k)
  const boxes = []
  const lengths = [...Array(70).keys(), 127, 128, 129, 1000, 4096]
  lengths.forEach((length, i) => {
    const message = Buffer.alloc(length, i + 1)
    const tag = i % 7 === 6 ? tags.rekey : i % 11 === 10 ? tags.push : tags.message
    const box = Buffer.alloc(length + MORE)
    sodium.crypto_secretstream_xchacha20poly1305_push(state, box, message, null, tag)
    boxes.push({ length, fill: i + 1, tag, box: box.toString('base64') })
  })
  return { k: k.toString('base64'), h: header.toString('base64'), boxes }
}

function open ({ k, h, boxes }) {
  const state = Buffer.alloc(STATE)
  sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, Buffer.from(h, 'base64'), Buffer.from(k, 'base64'))
  const out = { messages: [], tags: [] }
  for (const b of boxes) {
    const box = Buffer.from(b, 'base64')
    const message = Buffer.alloc(box.length - MORE)
    const tag = Buffer.alloc(1)
    sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, tag, box, null)
    out.messages.push(message.toString('base64'))
    out.tags.push(tag[0])
  }
  return out
}

const answer = process.argv.length > 2 ? open(JSON.parse(fs.readFileSync(0))) : seal()
process.stdout.write(JSON.stringify(answer, null, 1) + '\n')
