package egress

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

const (
	mcpPolicy  = "mode: strict\nallowlist: {rules: [{id: tools, host: api.example, protocols: [mcp], paths: [/mcp]}]}\n"
	toolPolicy = "mode: strict\nallowlist: {rules: [{id: tools, host: api.example, tools: [search, 'files_*']}]}\n"
)

// initialize is the first request of a client of MCP, which has no session yet.
var initialize = mcpPost("", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","clientInfo":{"name":"test"}}}`)

// mcpPost is a request of MCP with that body, and with these lines in its head.
func mcpPost(lines, body string) string {
	return fmt.Sprintf("POST http://api.example/mcp HTTP/1.1\r\nHost: api.example\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", lines, len(body), body)
}

// calls is a message that calls a tool.
func calls(tool string) string {
	return `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"` + tool + `","arguments":{"q":"hello"}}}`
}

const session = "Mcp-Session-Id: 1868a90c\r\nMCP-Protocol-Version: 2025-06-18\r\n"

// A rule for MCP lets MCP pass and nothing else, whatever it looks like.
func TestARuleForMCP(t *testing.T) {
	head := func(method, lines string) string {
		return method + " http://api.example/mcp HTTP/1.1\r\nHost: api.example\r\n" + lines + "\r\n"
	}
	for name, tt := range map[string]struct {
		say    string
		reason policy.Reason // empty: it passes
		words  string
	}{
		"the first request":              {initialize, "", "MCP: initialize"},
		"a tool is called":               {mcpPost(session, calls("search")), "", "MCP: tools/call search"},
		"an answer":                      {mcpPost(session, `{"jsonrpc":"2.0","id":1,"result":{}}`), "", "MCP: an answer"},
		"a batch":                        {mcpPost(session, `[`+calls("a")+`,{"jsonrpc":"2.0","method":"notifications/cancelled"}]`), "", "MCP: tools/call, notifications/cancelled, tools a"},
		"in chunks":                      {strings.Replace(mcpPost(session, ""), "Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n11\r\n{\"jsonrpc\":\"2.0\",\r\n1a\r\n\"id\":1,\"method\":\"tools/lis\r\n3\r\nt\"}\r\n0\r\n\r\n", 1), "", "MCP: tools/list"},
		"events":                         {head("GET", session+"Accept: text/event-stream\r\n"), "", ""},
		"the end of a session":           {head("DELETE", session), "", ""},
		"a page":                         {head("GET", ""), policy.ReasonProtocol, ""},
		"events of something else":       {head("GET", "Accept: text/event-stream\r\n"), policy.ReasonProtocol, ""},
		"a form":                         {strings.Replace(mcpPost(session, "a=b"), "application/json\r\n", "text/plain\r\n", 1), policy.ReasonProtocol, ""},
		"JSON that is no JSON-RPC":       {mcpPost(session, `{"note":"anything"}`), policy.ReasonProtocol, ""},
		"another version":                {mcpPost(session, `{"jsonrpc":"1.0","id":1,"method":"x"}`), policy.ReasonProtocol, ""},
		"something behind the message":   {mcpPost(session, calls("a")+"{}"), policy.ReasonProtocol, ""},
		"a body without its end":         {mcpPost(session, calls("a")[:30]), policy.ReasonProtocol, ""},
		"an encoded body":                {mcpPost(session+"Content-Encoding: gzip\r\n", zipped(t, calls("a"))), policy.ReasonProtocol, ""},
		"another path":                   {strings.Replace(initialize, "/mcp HTTP", "/upload HTTP", 1), policy.ReasonPath, ""},
		"another method in a field":      {mcpPost(session+"X-HTTP-Method-Override: PUT\r\n", calls("a")), "", ""},
		"a tool without a name":          {mcpPost(session, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}`), policy.ReasonProtocol, ""},
		"PUT of a message":               {strings.Replace(initialize, "POST", "PUT", 1), policy.ReasonProtocol, ""},
		"a WebSocket with MCP's session": {head("GET", session+"Connection: Upgrade\r\nUpgrade: websocket\r\n"), policy.ReasonProtocol, ""},
	} {
		t.Run(name, func(t *testing.T) { mcpCase(t, mcpPolicy, tt.say, tt.reason, tt.words) })
	}
}

func mcpCase(t *testing.T, doc, say string, reason policy.Reason, words string) {
	for _, inside := range []bool{false, true} {
		w, box := inspected(t, doc)
		c := w.connect()
		if inside { // a client that has a tunnel also for what is not encrypted
			c.tunnel("api.example:80")
			say = strings.Replace(say, " http://api.example/", " /", 1)
		}
		got := c.say(say).answer("POST")
		if d := w.decisions(); reason == "" {
			last := d[len(d)-1]
			if got.StatusCode != http.StatusOK || last.Protocol != policy.MCP || !strings.HasSuffix(last.Decision.Detail, words) || box.all() == "" {
				t.Errorf("in a tunnel %t: %s, %+v", inside, got.Status, last)
			}
			continue
		}
		if blocked := w.gw.Blocked(1); got.StatusCode != http.StatusForbidden || len(blocked) == 0 || blocked[0].Decision.Reason != reason || box.all() != "" {
			t.Errorf("in a tunnel %t: %s, %+v; the origin got %q", inside, got.Status, blocked, box.all())
		}
		if n := w.gw.held.Load(); n > 0 && reason != "" {
			eventually(t, "nothing is held", func() bool { return w.gw.held.Load() == 0 })
		}
	}
}

// A rule's tools are the ones that may be called, whatever way a call is written.
func TestARuleForTools(t *testing.T) {
	nested := `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"arguments":{"name":"shell"},"name":"search"}}`
	for name, tt := range map[string]struct {
		body   string
		reason policy.Reason
	}{
		"a tool of the rule":                   {calls("search"), ""},
		"a tool of its pattern":                {calls("files_read"), ""},
		"its name in escapes":                  {calls(`\u0073earch`), ""},
		"the list of tools":                    {`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, ""},
		"another name in the arguments":        {nested, ""},
		"another tool":                         {calls("shell"), policy.ReasonTool},
		"another tool in escapes":              {calls(`\u0073hell`), policy.ReasonTool},
		"another case":                         {calls("Search"), policy.ReasonTool},
		"a homoglyph":                          {calls("sеarch"), policy.ReasonTool},
		"another tool in a batch":              {"[" + calls("search") + "," + calls("shell") + "]", policy.ReasonTool},
		"a name behind its member":             {`{"params":{"name":"shell"},"id":1,"method":"tools/call","jsonrpc":"2.0"}`, policy.ReasonTool},
		"two names":                            {strings.Replace(calls("search"), `"arguments"`, `"name":"shell","arguments"`, 1), policy.ReasonProtocol},
		"two names, one in escapes":            {strings.Replace(calls("search"), `"arguments"`, `"n\u0061me":"shell","arguments"`, 1), policy.ReasonProtocol},
		"a name in another case":               {strings.Replace(calls("search"), `"arguments"`, `"Name":"shell","arguments"`, 1), policy.ReasonProtocol},
		"two params":                           {strings.Replace(calls("search"), `"id":7`, `"params":{"name":"shell"}`, 1), policy.ReasonProtocol},
		"params in another case":               {strings.Replace(calls("search"), `"id":7`, `"Params":{"name":"shell"}`, 1), policy.ReasonProtocol},
		"two methods":                          {strings.Replace(calls("shell"), `"id":7`, `"method":"ping"`, 1), policy.ReasonProtocol},
		"the method in another case":           {strings.Replace(calls("shell"), "tools/call", "Tools/Call", 1), policy.ReasonProtocol},
		"a space behind the method":            {strings.Replace(calls("shell"), "tools/call", "tools/call ", 1), policy.ReasonProtocol},
		"a name that is a list":                {strings.Replace(calls("search"), `"search"`, `["search","shell"]`, 1), policy.ReasonProtocol},
		"a NUL behind the name":                {calls(`search\u0000`), policy.ReasonProtocol},
		"half a surrogate":                     {calls(`search\ud800`), policy.ReasonProtocol},
		"bytes that are no UTF-8":              {calls("search\xff"), policy.ReasonProtocol},
		"a list of lists":                      {"[[" + calls("shell") + "]]", policy.ReasonProtocol},
		"a byte order mark":                    {"\ufeff" + calls("shell"), policy.ReasonProtocol},
		"a comment":                            {"/*" + calls("search") + "*/" + calls("shell"), policy.ReasonProtocol},
		"two messages in a row":                {calls("search") + "\n" + calls("shell"), policy.ReasonProtocol},
		"an answer that holds a call":          {`{"jsonrpc":"2.0","id":1,"result":` + calls("shell") + `}`, ""},
		"a call that says that it is JSON 2.0": {strings.Replace(calls("search"), `"2.0"`, "2.0", 1), policy.ReasonProtocol},
	} {
		t.Run(name, func(t *testing.T) { mcpCase(t, toolPolicy, mcpPost(session, tt.body), tt.reason, "") })
	}
}

// A message is looked at whole before anything of it is sent, and before anybody is
// dialed.
func TestASecretDoesNotLeaveByMCP(t *testing.T) {
	secret := fake(t)
	for name, body := range map[string]string{
		"in an argument":    strings.Replace(calls("search"), "hello", secret, 1),
		"in a tool's name":  calls(secret),
		"in a method":       `{"jsonrpc":"2.0","id":1,"method":"` + secret + `"}`,
		"in base64":         strings.Replace(calls("search"), "hello", base64Of("id "+secret+"\n"), 1),
		"in an answer":      `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"` + secret + `"}]}}`,
		"late, in a batch":  "[" + strings.Repeat(calls("search")+",", 900) + strings.Replace(calls("search"), "hello", secret, 1) + "]",
		"in what is no MCP": `{"note":"` + secret + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w, box := inspected(t, leakPolicy)
			got := w.connect().say(mcpPost(session, body)).answer("POST")
			var p problem
			if err := json.NewDecoder(got.Body).Decode(&p); err != nil || p.Reason != policy.ReasonLeak || strings.Contains(p.Detail, secret) {
				t.Errorf("%s, %+v, %v", got.Status, p, err)
			}
			d := w.gw.Blocked(1)[0]
			if box.all() != "" || len(w.dials()) > 0 || len(d.Findings) == 0 || strings.Contains(d.Decision.Detail, secret) {
				t.Errorf("dialed %v, %+v", w.dials(), d)
			}
		})
	}
}

// Who waits for 100-continue is given it.
func TestAMessageOfMCPIsHeld(t *testing.T) {
	w, box := inspected(t, leakPolicy)
	body := calls("search")
	head, _, _ := strings.Cut(mcpPost(session+"Expect: 100-continue\r\n", body), "{")
	c := w.connect().say(head)
	if got := c.answer("POST"); got.StatusCode != http.StatusContinue {
		t.Fatal(got.Status)
	}
	got := c.say(body).answer("POST")
	if _, _ = io.Copy(io.Discard, got.Body); got.StatusCode != http.StatusOK || !strings.Contains(box.all(), body) {
		t.Errorf("%s, %q", got.Status, box.all())
	}
}

// What is too long to be held is looked at on its way, as HTTP, or refused where it
// cannot be.
func TestAFloodOfMCPIsNotHeld(t *testing.T) {
	w, _ := inspected(t, leakPolicy)
	huge := strings.Replace(calls("search"), "hello", strings.Repeat("a word ", mostMessage/7), 1)
	c := w.connect()
	_ = c.SetDeadline(time.Now().Add(time.Minute)) // it is much to look at
	go func() { _, _ = io.WriteString(c.Conn, mcpPost(session, huge)) }()
	got := c.answer("POST")
	_, _ = io.Copy(io.Discard, got.Body)
	if d := w.decisions(); got.StatusCode != http.StatusOK || d[len(d)-1].Protocol != policy.HTTP {
		t.Errorf("%s, %+v", got.Status, d[len(d)-1])
	}
	chunked := strings.Replace(mcpPost(session, ""), "Content-Length: 0", "Transfer-Encoding: chunked", 1) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(huge), huge)
	second := w.connect()
	go func() { _, _ = io.WriteString(second.Conn, chunked) }()
	if got := second.answer("POST"); got.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%s", got.Status)
	}
	eventually(t, "nothing is held", func() bool { return w.gw.held.Load() == 0 })
}

// mcpStories are the rows of BYPASS.md about MCP.
func mcpStories() [][2]string {
	const rule, tools, secret = "TestARuleForMCP", "TestARuleForTools", "TestASecretDoesNotLeaveByMCP"
	return [][2]string{
		{"HTTP that says it is MCP, where a rule has MCP only", rule},
		{"JSON that is no JSON-RPC, or more than a message, as MCP", rule},
		{"a tool that a rule does not have: in a batch, in escapes, under a name twice or in another case", tools},
		{"a secret in an argument, a tool's name or a method of MCP", secret},
	}
}
