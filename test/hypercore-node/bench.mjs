// The npm side of bench/hypercore. Prints {"ms", "cpu"}: milliseconds that the work itself
// took, and of processor time it used.
// Usage: node bench.mjs fill|read|append|pace DIR [COUNT SIZE [RATE]]
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const Hypercore = require('hypercore')

const [what, dir, count, size, rate] = process.argv.slice(2)
const core = new Hypercore(dir)
await core.ready()
const block = (i) => Buffer.alloc(Number(size), String.fromCharCode(97 + i % 26))

// stamped blocks begin with the time at which they are appended, in ms since the epoch
const stamped = () => Buffer.from(`${performance.timeOrigin + performance.now()} `.padEnd(Number(size), 'x'))

const work = {
  async fill () { // in batches, which is quicker to make
    for (let i = 0; i < Number(count); i += 1000) {
      await core.append(Array.from({ length: Math.min(1000, Number(count) - i) }, (_, j) => block(i + j)))
    }
  },
  async read () {
    let bytes = 0
    for await (const data of core.createReadStream()) bytes += data.byteLength
    if (bytes !== core.byteLength) throw new Error(`read ${bytes} of ${core.byteLength} bytes`)
  },
  async append () {
    for (let i = 0; i < Number(count); i++) await core.append(stamped())
  },
  async pace () {
    const start = performance.now()
    for (let i = 0; i < Number(count); i++) {
      const wait = start + i * 1000 / Number(rate) - performance.now()
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
      await core.append(stamped())
    }
  }
}

const start = process.hrtime.bigint()
const before = process.cpuUsage()
await work[what]()
const used = process.cpuUsage(before)
const ms = Number(process.hrtime.bigint() - start) / 1e6
process.stdout.write(JSON.stringify({ ms, cpu: (used.user + used.system) / 1000 }) + '\n')
await core.close()
