// Appends every line of standard input to a Hypercore as one block:
//   node append.mjs DIR [BATCH]
// BATCH lines go into one append (default 1). Prints the core's key, then the
// length after every append.
import { createInterface } from 'node:readline'
import Hypercore from 'hypercore'

const [dir, batch = '1'] = process.argv.slice(2)
const core = new Hypercore(dir)
await core.ready()
console.log(JSON.stringify({ key: core.key.toString('hex'), length: core.length }))

let pending = []
async function flush () {
  if (pending.length === 0) return
  const blocks = pending
  pending = []
  await core.append(blocks)
  console.log(JSON.stringify({ length: core.length }))
}
for await (const line of createInterface({ input: process.stdin })) {
  pending.push(Buffer.from(line))
  if (pending.length >= Number(batch)) await flush()
}
await flush()
await core.close()
