// The npm side of bench/hypercore's replication. FOLDER is whose packages are run.
//   node replicate.mjs FOLDER serve DIR COUNT SIZE RATE
// makes a core of COUNT blocks of SIZE bytes and replicates it to whoever connects. It prints
// {port, key}; a line on standard input begins to append COUNT more at RATE a second, each
// with the time in it, and {cpu} is printed, the processor time used since the last line.
//   node replicate.mjs FOLDER get DIR KEY PORT COUNT
// downloads so many blocks as npm does and prints {ms, cpu}.
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import readline from 'node:readline'

const [folder, what, dir, ...args] = process.argv.slice(2)
const Hypercore = createRequire(path.resolve(folder, 'package.json'))('hypercore')
const tell = (m) => process.stdout.write(JSON.stringify(m) + '\n')
let before = process.cpuUsage()
const cpu = () => { const u = process.cpuUsage(before); before = process.cpuUsage(); return (u.user + u.system) / 1000 }

function join (core, socket, initiator) {
  const stream = core.replicate(initiator)
  for (const s of [socket, stream]) s.on('error', () => { socket.destroy(); stream.destroy() })
  socket.pipe(stream).pipe(socket)
}

async function serve (count, size, rate) {
  const core = new Hypercore(dir)
  await core.ready()
  for (let i = 0; i < count; i += 1000) await core.append(Array.from({ length: 1000 }, () => Buffer.alloc(size, 'x')))
  const server = net.createServer((socket) => join(core, socket, false))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  cpu()
  tell({ port: server.address().port, key: core.key.toString('hex') })
  for await (const line of readline.createInterface({ input: process.stdin })) {
    tell({ cpu: cpu() })
    const start = performance.now()
    for (let i = 0; line && i < Number(line); i++) {
      const wait = start + i * 1000 / rate - performance.now()
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
      await core.append(Buffer.from(`${performance.timeOrigin + performance.now()} `.padEnd(size, 'x')))
    }
  }
  process.exit(0)
}

async function get (key, port, count) {
  const core = new Hypercore(dir, Buffer.from(key, 'hex'))
  await core.ready()
  const start = performance.now()
  cpu()
  join(core, net.connect(Number(port), '127.0.0.1'), true)
  await core.download({ start: 0, end: Number(count) }).done()
  tell({ ms: performance.now() - start, cpu: cpu() })
  process.exit(0)
}

if (what === 'serve') await serve(...args.map(Number))
else await get(...args)
