// Appends BZZZ messages at a steady rate and tells when each was appended:
//   node rate.mjs DIR PER_SECOND SECONDS SECRET_EVERY < secrets (one a line)
// Every SECRET_EVERY-th message carries the next secret. On standard output:
// one line {"index":n,"at":ms since 1970} per message with a secret.
import { createInterface } from 'node:readline'
import Hypercore from 'hypercore'

const [dir, perSecond, seconds, every] = process.argv.slice(2).map((a, i) => (i === 0 ? a : Number(a)))
const secrets = []
for await (const line of createInterface({ input: process.stdin })) secrets.push(line)

const core = new Hypercore(dir)
await core.ready()
const total = perSecond * seconds
const start = performance.now()
let next = 0
for (let i = 0; i < total; i++) {
  const due = start + (i * 1000) / perSecond
  const wait = due - performance.now()
  if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
  const secret = i % every === every - 1 ? secrets[next++ % secrets.length] : null
  await core.append(Buffer.from(JSON.stringify({
    type: 'task_result',
    from: `agent-${i % 7}`,
    timestamp: new Date().toISOString(),
    data: { task: `build ${i}`, note: secret ?? 'all tests passed, report stored for review', filler: 'x'.repeat(400) },
    hop_count: 0
  })))
  if (secret) console.log(JSON.stringify({ index: core.length - 1, at: performance.timeOrigin + performance.now() }))
}
await core.close()
