package egress

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/guard/egress/policy"
)

const (
	stdioPolicy = `
mode: MODE
allowlist:
  rules:
    - {id: files, host: files.localhost, protocols: [mcp], tools: ["read_*"]}
    - {id: vault, host: vault.localhost, credentials: [aws-access-key-id]}
    - {id: web, host: web.localhost, methods: [GET]}
    - {id: path, host: path.localhost, paths: [/mcp]}
    - {id: up, host: up.localhost, data_budget: 150B/day}
    - {id: who, host: who.localhost, when: 'entry == "stdio" && program.user == "ada"'}
`
	answers = `{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"hello"}]}}`
	samples = `{"jsonrpc":"2.0","id":"s1","method":"sampling/createMessage","params":{}}`
)

func strictly(mode string) string { return strings.Replace(stdioPolicy, "MODE", mode, 1) }

// A message between an agent and a server of its own machine is judged like one over
// HTTP: by the name of the server, the tool that it calls, and what it holds.
func TestMessagesOverStdioAreJudged(t *testing.T) {
	secret := fake(t)
	holding := strings.Replace(calls("read_file"), "hello", secret, 1)
	for name, tt := range map[string]struct {
		said     Said
		mode     string
		reason   policy.Reason
		denied   bool
		recorded string // method and detail of the record; empty: there is none
	}{
		"a tool of the rule":                {Said{Server: "files.localhost", Text: []byte(calls("read_file"))}, "strict", policy.ReasonRule, false, "tools/call MCP: tools/call read_file"},
		"another tool":                      {Said{Server: "files.localhost", Text: []byte(calls("write_file"))}, "strict", policy.ReasonTool, true, "tools/call MCP: tools/call write_file"},
		"another tool, behind one":          {Said{Server: "files.localhost", Text: []byte("[" + calls("read_file") + "," + calls("shell") + "]")}, "strict", policy.ReasonTool, true, "tools/call MCP: tools/call read_file, tools/call shell"},
		"the first message":                 {Said{Server: "files.localhost", Text: []byte(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)}, "strict", policy.ReasonRule, false, "initialize MCP: initialize"},
		"a server without a rule":           {Said{Server: "shell.localhost", Text: []byte(calls("run"))}, "strict", policy.ReasonDefaultPolicy, true, "tools/call MCP: tools/call run"},
		"in audit":                          {Said{Server: "shell.localhost", Text: []byte(calls("run"))}, "audit", policy.ReasonDefaultPolicy, false, "tools/call MCP: tools/call run"},
		"no JSON-RPC":                       {Said{Server: "files.localhost", Text: []byte("listening on stdio")}, "strict", policy.ReasonProtocol, true, " "},
		"a rule for GET":                    {Said{Server: "web.localhost", Text: []byte(calls("x"))}, "strict", policy.ReasonMethod, true, "tools/call MCP: tools/call x"},
		"a rule for a path":                 {Said{Server: "path.localhost", Text: []byte(calls("x"))}, "strict", policy.ReasonPath, true, "tools/call MCP: tools/call x"},
		"a condition":                       {Said{Server: "who.localhost", Text: []byte(calls("x")), Program: policy.Program{User: "ada"}}, "strict", policy.ReasonRule, false, "tools/call MCP: tools/call x"},
		"a condition on another":            {Said{Server: "who.localhost", Text: []byte(calls("x")), Program: policy.Program{User: "bob"}}, "strict", policy.ReasonWhen, true, "tools/call MCP: tools/call x"},
		"a secret":                          {Said{Server: "files.localhost", Text: []byte(holding)}, "strict", policy.ReasonLeak, true, " "},
		"a secret, permissive":              {Said{Server: "files.localhost", Text: []byte(holding)}, "permissive", policy.ReasonLeak, false, " "},
		"a credential of the rule":          {Said{Server: "vault.localhost", Text: []byte(holding)}, "strict", policy.ReasonRule, false, " "},
		"too long to be looked at":          {Said{Server: "files.localhost", Unseen: "it is long"}, "strict", policy.ReasonNotScanned, true, " "},
		"too long to be looked at in audit": {Said{Server: "files.localhost", Unseen: "it is long"}, "audit", policy.ReasonNotScanned, false, " "},
		"an answer of the server":           {Said{Server: "files.localhost", FromServer: true, Text: []byte(answers)}, "strict", policy.ReasonRule, false, ""},
		"a secret in an answer":             {Said{Server: "files.localhost", FromServer: true, Text: []byte(strings.Replace(answers, "hello", secret, 1))}, "strict", policy.ReasonLeak, true, " "},
		"a request of the server":           {Said{Server: "files.localhost", FromServer: true, Text: []byte(samples)}, "strict", policy.ReasonRule, false, "sampling/createMessage MCP, from the server: sampling/createMessage"},
		"noise of the server":               {Said{Server: "files.localhost", FromServer: true, Text: []byte("debug: ready")}, "strict", policy.ReasonProtocol, true, " "},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := inspected(t, strictly(tt.mode))
			d := w.gw.Hear(t.Context(), tt.said)
			if d.Allowed() == tt.denied || d.Reason != tt.reason || strings.Contains(d.Detail, secret) {
				t.Errorf("%+v", d)
			}
			all := w.decisions()
			if (len(all) == 0) != (tt.recorded == "") || len(w.ends()) != len(all) && d.Allowed() {
				t.Fatalf("%d records, %d ends", len(all), len(w.ends()))
			}
			if len(all) == 0 {
				return
			}
			method, words, _ := strings.Cut(tt.recorded, " ")
			got := all[0]
			if got.Entry != EntryStdio || got.Method != method || !strings.HasSuffix(got.Decision.Detail, words) || strings.Contains(got.Decision.Detail+got.Method+got.Host, secret) {
				t.Errorf("recorded %+v", got)
			}
			if d.Allowed() && w.ends()[0].BytesOut+w.ends()[0].BytesIn != int64(len(tt.said.Text)) {
				t.Errorf("its end says %+v", w.ends()[0])
			}
		})
	}
}

// A rule for every host is about no server that an agent starts: who may go anywhere may
// not go to this machine, where only a rule that names it leads.
func TestAServerOfThisMachineNeedsARuleThatNamesIt(t *testing.T) {
	for rule, want := range map[string]policy.Reason{
		`{host: "*"}`:                                          policy.ReasonPrivateAddress,
		`{host: "*", protocols: [http, https]}`:                policy.ReasonPrivateAddress,
		`{host: "*", when: 'address == "127.0.0.1"'}`:          policy.ReasonPrivateAddress,
		`{host: "*.localhost"}`:                                policy.ReasonRule,
		`{host: shell.localhost}`:                              policy.ReasonRule,
		`{host: shell.localhost, when: 'address == "::1"'}`:    policy.ReasonWhen,
		`{host: shell.localhost, addresses: ["10.0.0.0/8"]}`:   policy.ReasonRule,
		`{host: shell.localhost, ports: [8080], tools: [run]}`: policy.ReasonPort,
	} {
		w, _ := inspected(t, "mode: strict\nallowlist: {rules: ["+rule+"]}\n")
		if d := w.gw.Hear(t.Context(), Said{Server: "shell.localhost", Text: []byte(calls("run"))}); d.Reason != want || d.Allowed() != (want == policy.ReasonRule) {
			t.Errorf("%s: %+v", rule, d)
		}
	}
}

// A name in which there is a secret stands in no record.
func TestASecretInTheNameOfAServer(t *testing.T) {
	w, _ := inspected(t, "mode: audit\nallowlist: {rules: [{host: \"*.localhost\"}]}\n")
	name, err := detect.ExpandExample("dop_v1_{{hex:64}}")
	if err != nil {
		t.Fatal(err)
	}
	d := w.gw.Hear(t.Context(), Said{Server: name + LocalServers, Text: []byte(calls("x"))})
	if d.Allowed() || d.Reason != policy.ReasonLeak || w.decisions()[0].Host != "" || strings.Contains(d.Detail, name) {
		t.Errorf("%+v, recorded %+v", d, w.decisions())
	}
}

// What two messages of a server say together is a secret, too.
func TestASecretInPiecesOverStdio(t *testing.T) {
	w, _ := inspected(t, strictly("strict"))
	secret := fake(t)
	first := w.gw.Hear(t.Context(), Said{Server: "files.localhost", FromServer: true, Text: []byte(strings.Replace(answers, "hello", secret[:12], 1))})
	second := w.gw.Hear(t.Context(), Said{Server: "files.localhost", FromServer: true, Text: []byte(strings.Replace(answers, "hello", secret[12:], 1))})
	if !first.Allowed() || second.Allowed() || second.Reason != policy.ReasonLeak {
		t.Errorf("%+v, %+v", first, second)
	}
}

// Messages of an agent are paid for whole; what a server answers is not.
func TestMessagesOverStdioHaveABudget(t *testing.T) {
	w, _ := inspected(t, strictly("strict"))
	say := func(fromServer bool, text string) policy.Reason {
		return w.gw.Hear(t.Context(), Said{Server: "up.localhost", FromServer: fromServer, Text: []byte(text)}).Reason
	}
	small := `{"jsonrpc":"2.0","method":"x"}`
	got := []policy.Reason{say(false, calls("a")), say(true, answers), say(false, calls("a")), say(false, small), say(true, answers)}
	want := []policy.Reason{policy.ReasonRule, policy.ReasonRule, policy.ReasonDataBudget, policy.ReasonRule, policy.ReasonRule}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("message %d: %s, want %s", i, got[i], want[i])
		}
	}
}

func TestTheKillSwitchEndsMessagesOverStdio(t *testing.T) {
	w, _ := inspected(t, strictly("audit"))
	w.kill("a drill")
	for _, fromServer := range []bool{false, true} {
		if d := w.gw.Hear(t.Context(), Said{Server: "files.localhost", FromServer: fromServer, Text: []byte(answers)}); d.Allowed() || d.Reason != policy.ReasonKillSwitch {
			t.Errorf("%+v", d)
		}
	}
}
