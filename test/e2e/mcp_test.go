//go:build servers

package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fileServer is the program of npm's server for files.
const fileServer = "../mcp-node/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js"

// agent is one end of a conversation with a server of MCP behind `cordon egress mcp`.
type agent struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Scanner
	notes *bytes.Buffer // its standard error; whole once it has ended
	asked int
}

// answer is what a question is answered, of which one half is there.
type answer struct {
	ID     int
	Result json.RawMessage
	Error  struct {
		Code    int
		Message string
		Data    struct{ Reason, Rule string }
	}
}

func (n *node) agent(command ...string) *agent {
	n.t.Helper()
	a := &agent{t: n.t, notes: &bytes.Buffer{}}
	a.cmd = n.command(append([]string{"egress", "mcp", "--config", n.config, "--name", "files", "--"}, command...)...)
	a.cmd.Stderr = a.notes
	var err error
	a.in, err = a.cmd.StdinPipe()
	mustDo(n.t, err)
	out, err := a.cmd.StdoutPipe()
	mustDo(n.t, err)
	a.out = bufio.NewScanner(out)
	a.out.Buffer(nil, 1<<20)
	mustDo(n.t, a.cmd.Start())
	n.t.Cleanup(func() { _ = a.cmd.Process.Kill() }) // it has ended, if all is well
	return a
}

// say tells the server something that is not answered.
func (a *agent) say(method string) {
	a.t.Helper()
	_, err := fmt.Fprintf(a.in, `{"jsonrpc":"2.0","method":%q}`+"\n", method)
	mustDo(a.t, err)
}

// ask asks something and waits for its answer.
func (a *agent) ask(method, params string) (got answer) {
	a.t.Helper()
	a.asked++
	_, err := fmt.Fprintf(a.in, `{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`+"\n", a.asked, method, params)
	mustDo(a.t, err)
	for a.out.Scan() {
		var line answer
		if err := json.Unmarshal(a.out.Bytes(), &line); err != nil {
			a.t.Fatalf("%v in %q", err, a.out.Text())
		}
		if line.ID == a.asked && (line.Result != nil || line.Error.Code != 0) {
			return line
		}
	}
	a.t.Fatalf("%s was not answered: %v\n%s", method, a.out.Err(), a.notes)
	return got
}

func (a *agent) call(tool, arguments string) answer {
	a.t.Helper()
	return a.ask("tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, tool, arguments))
}

// npm's own server for files, with an agent that may read and list: what it writes is
// refused before the server hears of it, a secret in a file does not reach the agent,
// and the kill switch ends the server.
func TestAnAgentAndNpmsServerForFiles(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(fileServer); err != nil {
		t.Fatalf("run npm ci in test/mcp-node first: %v", err)
	}
	folder, err := filepath.EvalSymlinks(t.TempDir())
	mustDo(t, err)
	secret := githubToken(rand.New(rand.NewPCG(3, 9)))
	mustDo(t, os.WriteFile(filepath.Join(folder, "notes.txt"), []byte("the meeting is at noon\n"), 0o600))
	mustDo(t, os.WriteFile(filepath.Join(folder, "login.txt"), []byte("token: "+secret+"\n"), 0o600))
	g := newGateway(t, "")
	mustDo(t, os.WriteFile(g.policy, []byte("mode: strict\nallowlist: {rules: [{id: files, host: files.localhost, protocols: [mcp], tools: ['read_*', 'list_*']}]}\n"), 0o600))
	g.start()
	a := g.agent("node", fileServer, folder)

	if got := a.ask("initialize", `{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"e2e","version":"1"}}`); !strings.Contains(string(got.Result), `"serverInfo"`) {
		t.Fatalf("initialize: %+v", got)
	}
	a.say("notifications/initialized")
	if got := a.ask("tools/list", `{}`); !strings.Contains(string(got.Result), `"write_file"`) {
		t.Errorf("tools/list: %s", got.Result)
	}
	in := func(name string) string { return fmt.Sprintf(`{"path":%q}`, filepath.Join(folder, name)) }
	if got := a.call("read_text_file", in("notes.txt")); !strings.Contains(string(got.Result), "the meeting is at noon") {
		t.Errorf("a file that may be read: %+v", got)
	}
	if got := a.call("list_directory", in("")); !strings.Contains(string(got.Result), "login.txt") {
		t.Errorf("the folder: %+v", got)
	}
	written := filepath.Join(folder, "written.txt")
	if got := a.call("write_file", fmt.Sprintf(`{"path":%q,"content":"x"}`, written)); got.Error.Code != -32003 || got.Error.Data.Reason != "tool_mismatch" || got.Error.Data.Rule != "files" {
		t.Errorf("a tool that no rule has: %+v", got)
	}
	if _, err := os.Stat(written); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file was written: %v", err)
	}
	if got := a.call("read_text_file", in("login.txt")); got.Error.Data.Reason != "leak" || strings.Contains(string(got.Result), secret) {
		t.Errorf("a file with a secret: code %d, reason %s", got.Error.Code, got.Error.Data.Reason)
	}
	if got := a.call("read_text_file", in("notes.txt")); !strings.Contains(string(got.Result), "noon") {
		t.Errorf("what follows: %+v", got)
	}

	g.cli("egress", "killswitch", "on", "a drill")
	turned := time.Now()
	for a.out.Scan() { // to its end
	}
	err = a.cmd.Wait()
	t.Logf("ended %v after the kill switch", time.Since(turned).Round(time.Millisecond))
	if a.cmd.ProcessState.ExitCode() != 125 || !strings.Contains(a.notes.String(), "the server was ended: the kill switch is on: a drill") {
		t.Errorf("%v: %s", err, a.notes)
	}
	if out := g.cli("egress", "blocked", "--format", "json"); !strings.Contains(out, "MCP: tools/call write_file") {
		t.Error(out)
	}
	g.verified()
	g.stop()
	searchFor(t, tree(t, g.data), []planted{{form: "plain", plain: secret, wire: secret}})
}
