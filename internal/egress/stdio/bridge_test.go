package stdio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/jsonrpc"
)

// judge answers by what a line holds.
type judge struct{ heard []Said }

func (j *judge) Judge(_ context.Context, s Said) (Verdict, error) {
	s.Text = bytes.Clone(s.Text)
	j.heard = append(j.heard, s)
	switch text := string(s.Text); {
	case strings.Contains(text, "nobody"):
		return Verdict{Allowed: true}, errors.New("the server is away")
	case strings.Contains(text, "stop"):
		return Verdict{Reason: "kill_switch", Detail: "it is on", Over: true}, nil
	case strings.Contains(text, "shell"), strings.Contains(text, "s3cret"), s.Unseen == "" && !json.Valid(s.Text) && !strings.Contains(text, "noise"):
		return Verdict{Reason: "tool_mismatch", Rule: "files", Detail: "other tools", AllowCommand: "cordon egress add x"}, nil
	case s.Unseen != "" && !s.FromServer:
		return Verdict{Reason: "not_scanned", Detail: s.Unseen}, nil
	}
	return Verdict{Allowed: true}, nil
}

// between is a bridge and what its ends read of it.
type between struct {
	*Bridge
	judge               *judge
	agent, server, note bytes.Buffer
}

func newBetween() *between {
	b := &between{judge: &judge{}}
	b.Bridge = &Bridge{Judge: b.judge, Agent: &b.agent, Server: &b.server, Note: &b.note}
	return b
}

func call(id, tool string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `"}}`
}

const denied = `"error":{"code":-32003,"message":"denied by Cordon: other tools","data":{"reason":"tool_mismatch","rule":"files","allow_command":"cordon egress add x"}}}`

func denial(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,` + denied }

// What an agent says goes to the server, a line at a time, or is answered in its place.
func TestFromTheAgent(t *testing.T) {
	for name, tt := range map[string]struct{ says, server, agent string }{
		"a call":                        {call("1", "read") + "\n", call("1", "read") + "\n", ""},
		"two, the last without its end": {call("1", "read") + "\n" + call("2", "read"), call("1", "read") + "\n" + call("2", "read") + "\n", ""},
		"carriage returns and spaces":   {"{\r\"jsonrpc\": \"2.0\",\r \"id\":1 , \"method\":\"ping\"}\r\n\r\n \n", `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n", ""},
		"a refused call":                {call("1", "shell") + "\n", "", denial("1") + "\n"},
		"between two that pass":         {call("1", "a") + "\n" + call(`"x"`, "shell") + "\n" + call("3", "b") + "\n", call("1", "a") + "\n" + call("3", "b") + "\n", denial(`"x"`) + "\n"},
		"a batch":                       {"[" + call("1", "a") + "," + call("2", "shell") + "]\n", "", "[" + denial("1") + "," + denial("2") + "]\n"},
		"a refused notification":        {`{"jsonrpc":"2.0","method":"shell"}` + "\n", "", ""},
		"no message":                    {"{\n", "", strings.Replace(denial("null"), "-32003", "-32600", 1) + "\n"},
		"no message that may pass":      {"some noise\r\n", "some noise\n", ""},
		"an answer nobody waits for":    {`{"jsonrpc":"2.0","id":"s3cret","result":1}` + "\n", "", ""},
		"nobody decides":                {call("1", "nobody") + "\n", "", `{"jsonrpc":"2.0","id":1,"error":{"code":-32003,"message":"denied by Cordon: nobody decided about it: the server is away","data":{"reason":"undecided"}}}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBetween()
			if err := b.FromAgent(t.Context(), strings.NewReader(tt.says)); err != nil {
				t.Fatal(err)
			}
			if b.server.String() != tt.server || b.agent.String() != tt.agent {
				t.Errorf("to the server %q\nto the agent %q", &b.server, &b.agent)
			}
			refused := tt.agent != "" || tt.server == ""
			if noted := strings.HasPrefix(b.note.String(), "cordon: "); noted != refused || strings.Contains(b.note.String(), "s3cret") {
				t.Errorf("noted %q", &b.note)
			}
		})
	}
}

// An answer that may not pass becomes an error for who waits for it; an id with which
// nobody asked becomes nothing, since it may be what may not pass.
func TestFromTheServer(t *testing.T) {
	b := newBetween()
	if err := b.FromAgent(t.Context(), strings.NewReader(call(`"\u0061"`, "read")+"\n"+call("2", "read")+"\n")); err != nil {
		t.Fatal(err)
	}
	says := `{"jsonrpc":"2.0","id":"a","result":"s3cret"}
{"jsonrpc":"2.0","id":"a","result":"s3cret"}
{"jsonrpc":"2.0","id":"s3cret","result":1}
{"jsonrpc":"2.0","id":2,"result":"fine"}
{"jsonrpc":"2.0","id":2,"result":"s3cret"}
debug: s3cret
`
	if err := b.FromServer(t.Context(), strings.NewReader(says)); err != nil {
		t.Fatal(err)
	}
	if want := denial(`"a"`) + "\n" + `{"jsonrpc":"2.0","id":2,"result":"fine"}` + "\n"; b.agent.String() != want {
		t.Errorf("to the agent %q", &b.agent)
	}
	if got := strings.Count(b.server.String(), "\n"); got != 2 {
		t.Errorf("to the server %q", &b.server)
	}
	if strings.Contains(b.note.String(), "s3cret") || strings.Count(b.note.String(), "\n") != 5 {
		t.Errorf("noted %q", &b.note)
	}
}

// What a server asks of the agent, and may not, it is told.
func TestARefusedRequestOfTheServer(t *testing.T) {
	b := newBetween()
	if err := b.FromServer(t.Context(), strings.NewReader(call("9", "shell")+"\n")); err != nil {
		t.Fatal(err)
	}
	if b.agent.Len() > 0 || b.server.String() != denial("9")+"\n" {
		t.Errorf("to the agent %q, to the server %q", &b.agent, &b.server)
	}
}

func TestTheEndOfEverything(t *testing.T) {
	b := newBetween()
	err := b.FromAgent(t.Context(), strings.NewReader(call("1", "stop")+"\n"+call("2", "read")+"\n"))
	if !errors.Is(err, ErrOver) || b.server.Len() > 0 || !strings.Contains(b.agent.String(), `"reason":"kill_switch"`) {
		t.Errorf("%v, to the server %q, to the agent %q", err, &b.server, &b.agent)
	}
}

// A line that is too long is judged unseen: refused, what follows it is whole again;
// let pass, it arrives as it was said.
func TestALineThatIsTooLong(t *testing.T) {
	long := `{"jsonrpc":"2.0","id":1,"result":"` + strings.Repeat("x", MostLine) + `"}`
	b := newBetween()
	if err := b.FromAgent(t.Context(), strings.NewReader(long+"\n"+call("2", "read")+"\n"+long)); err != nil {
		t.Fatal(err)
	}
	if b.server.String() != call("2", "read")+"\n" || strings.Count(b.agent.String(), `"id":null`) != 2 || !strings.Contains(b.agent.String(), "longer than 8388608 bytes") {
		t.Errorf("to the server %.200q, to the agent %.200q", &b.server, &b.agent)
	}
	b = newBetween()
	if err := b.FromServer(t.Context(), strings.NewReader(long+"\n"+call("2", "read")+"\n")); err != nil {
		t.Fatal(err)
	}
	if b.agent.String() != long+"\n"+call("2", "read")+"\n" || len(b.judge.heard[0].Text) > 0 {
		t.Errorf("%d bytes arrived", b.agent.Len())
	}
}

func TestALineOfTheMostThatIsHeld(t *testing.T) {
	most := `{"jsonrpc":"2.0","id":1,"result":"` + strings.Repeat("x", MostLine-36) + `"}`
	for _, end := range []string{"\n", ""} {
		l := newLines(strings.NewReader(most + end))
		if line, whole, err := l.next(); len(line) != len(most) || !whole || err != nil {
			t.Errorf("%d of %d bytes, %v, %v", len(line), len(most), whole, err)
		}
		if _, _, err := l.next(); !errors.Is(err, io.EOF) {
			t.Errorf("behind it %v", err)
		}
	}
}

// Who asks without end and is never answered costs no more than so much.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	var e end
	for i := range 2 * mostPending {
		e.asks([]string{strconv.Itoa(i), strings.Repeat("9", mostID+1)})
	}
	if len(e.pending) != mostPending {
		t.Errorf("%d", len(e.pending))
	}
}

// Whatever is said, only what was judged and allowed arrives, each in one line.
func FuzzBridge(f *testing.F) {
	f.Add([]byte(call("1", "read") + "\r\n" + call("2", "shell") + "\n[]\n"))
	f.Add([]byte("{\r\"jsonrpc\":\"2.0\",\"method\":\"a\\nb\"}\n\n\x00\n[" + call("1", "x") + "]"))
	f.Fuzz(func(t *testing.T, says []byte) {
		b := newBetween()
		if err := b.FromAgent(t.Context(), bytes.NewReader(says)); err != nil && !errors.Is(err, ErrOver) {
			t.Fatal(err)
		}
		if n := bytes.Count(b.server.Bytes(), []byte("\n")); n > len(b.judge.heard) {
			t.Fatalf("%d lines of %d", n, len(b.judge.heard))
		}
		for line := range bytes.Lines(b.server.Bytes()) {
			if bytes.Contains(line, []byte("shell")) || bytes.Contains(line, []byte("s3cret")) {
				t.Fatalf("%q arrived", line)
			}
			if _, err := jsonrpc.Parse(line); err == nil && bytes.ContainsAny(line[:len(line)-1], "\r\n") {
				t.Fatalf("%q is more than a line", line)
			}
		}
		for line := range bytes.Lines(b.agent.Bytes()) {
			if !json.Valid(line) {
				t.Fatalf("%q is no answer", line)
			}
		}
	})
}
