//go:build servers

package egress

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/testdebian"
)

// wsServer is Node's ws, which says back what it hears and prints what it was.
const wsServer = `
const { WebSocketServer } = require('ws');
const s = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: process.env.DEFLATE === 'none' ? false : {
  threshold: 0, clientNoContextTakeover: process.env.DEFLATE === 'alone', serverNoContextTakeover: false } });
s.on('listening', () => console.log(s.address().port));
s.on('connection', (c) => {
  c.on('message', (m, binary) => { console.log('heard', m.length, m.toString('latin1').slice(0, 80).replace(/\n/g, ' ')); c.send(m, { binary }); });
  c.on('close', (code) => console.log('closed', code));
});
`

// wsClient says many things through the gateway and compares what comes back.
const wsClient = `
const WebSocket = require('ws'), { HttpsProxyAgent } = require('https-proxy-agent'), createAgent = require('https-proxy-agent');
const agent = HttpsProxyAgent ? new HttpsProxyAgent(process.env.HTTP_PROXY) : createAgent(process.env.HTTP_PROXY);
const c = new WebSocket('ws://api.example/chat', { agent, perMessageDeflate: process.env.DEFLATE === 'none' ? false : { threshold: 0 } });
const wait = (event) => new Promise((ok) => c.once(event, (...args) => ok(args)));
const say = async (m, o) => { const back = wait('message'); c.send(m, o); const [got, binary] = await back;
  if (!Buffer.from(m).equals(got) || binary !== (typeof m !== 'string')) { console.log('changed', m.length, got.length); process.exit(1); } };
c.on('error', (e) => { console.log('error', e.message); process.exit(1); });
c.on('open', async () => {
  for (let n = 0; n < 200; n++) await say('message ' + n + ' says much the same as the one before it');
  await say(''); await say('grüße 👋'); await say('x'.repeat(1 << 20)); await say(Buffer.alloc(3 << 20, 'binary '));
  const pong = wait('pong'); c.ping('are you there'); await pong;
  const back = wait('message');
  for (const part of ['in ', 'three ', 'fragments']) c.send(part, { fin: part === 'fragments' });
  console.log('back:', (await back)[0].toString(), c.extensions);
  const closed = wait('close');
  c.send('the key is ' + process.env.LEAK + ' as you know');
  const [code, reason] = await closed;
  console.log('closed', code, reason.toString());
});
`

// Node's ws at both ends does not notice the gateway, until it sends a secret.
func TestNodeTalksThroughTheGateway(t *testing.T) {
	modules := filepath.Join(filepath.Dir(testdebian.Program(t, "node-ws", "wscat")), "usr/share/nodejs")
	for deflate, extensions := range map[string]string{"none": "\n", "takeover": "permessage-deflate\n", "alone": "permessage-deflate\n"} {
		t.Run(deflate, func(t *testing.T) {
			env := []string{"NODE_PATH=" + modules, "DEFLATE=" + deflate}
			server := exec.CommandContext(t.Context(), "node", "-e", wsServer)
			server.Env = append(server.Environ(), env...)
			out, err := server.StdoutPipe()
			if err == nil {
				err = server.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			lines.Scan()
			secret := fake(t)
			w, _ := inspected(t, leakPolicy)
			w.route("203.0.113.9:80", "127.0.0.1:"+lines.Text())
			said, content := w.runs(t, append(env, "LEAK="+secret), "node", "-e", wsClient)
			if !content || !strings.Contains(said, "back: in three fragments "+extensions) || !strings.Contains(said, "closed 1008 ") || strings.Contains(said, secret) {
				t.Errorf("%s", said)
			}
			heard := 0
			for lines.Scan() && !strings.HasPrefix(lines.Text(), "closed") {
				heard++
				if strings.Contains(lines.Text(), secret) {
					t.Error("the server heard the secret")
				}
			}
			if heard != 205 || lines.Text() != "closed 1001" {
				t.Errorf("the server heard %d messages, and %q", heard, lines.Text())
			}
			_ = server.Process.Kill()
			_ = server.Wait() // killed
		})
	}
}
