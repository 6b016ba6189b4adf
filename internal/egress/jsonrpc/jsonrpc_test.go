package jsonrpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	call := `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"search","arguments":{"q":[1,{"name":"x"}]}}}`
	for text, want := range map[string]Message{
		call: {Methods: []string{callTool}, Tools: []string{"search"}},
		"[" + call + ` , {"jsonrpc":"2.0","method":"ping","params":[1,[2],{"name":3}]}]`:    {Methods: []string{callTool, "ping"}, Tools: []string{"search"}},
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no"}}`:                   {},
		` {"jsonrpc":"2.0","id":null,"method":"logging/setLevel","params":{"name":null} } `: {Methods: []string{"logging/setLevel"}},
	} {
		got, err := Parse([]byte(text))
		if err != nil || !slices.Equal(got.Methods, want.Methods) || !slices.Equal(got.Tools, want.Tools) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	many := strings.Repeat(`{"jsonrpc":"2.0","id":1,"result":1},`, maxCalls)
	for text, want := range map[string]error{
		"": errJSON, "{": errJSON, "\xff": errJSON, "1": errCalls, "null": errCalls, "[]": errCalls, "[1]": errCalls, "{}": errVersion,
		call + call: errJSON, call[:60]: errJSON,
		`{"jsonrpc":"2.0","id":{},"method":"x"}`:                                                               errJSON,
		`{"jsonrpc":"2.0","id":1,"ID":2,"method":"x"}`:                                                         errTwice,
		`{"jsonrpc":"2.0","x":1,"x":2,"method":"x"}`:                                                           errTwice,
		`{"jsonrpc":"2.0","method":""}`:                                                                        errName,
		`{"jsonrpc":"2.0","method":7}`:                                                                         errName,
		`{"jsonrpc":"2.0","method":"` + strings.Repeat("x", 300) + `"}`:                                        errName,
		`{"jsonrpc":"2.0","method":"TOOLS/call","params":{"name":"x"}}`:                                        errName,
		`{"jsonrpc":"2.0","result":` + strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1) + "}": errDepth,
		"[" + many + call + "]":                                                                                errCalls,
	} {
		if got, err := Parse([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%.80s: %+v, %v, want %v", text, got, err, want)
		}
	}
	var members strings.Builder
	for i := range maxMembers + 1 {
		_, _ = fmt.Fprintf(&members, `"m%d":1,`, i)
	}
	if _, err := Parse([]byte("{" + members.String() + call[1:])); !errors.Is(err, errMembers) {
		t.Errorf("%v", err)
	}
}

// Who waits for an answer, and who is answered, is told by ids in one spelling.
func TestIDs(t *testing.T) {
	for text, want := range map[string]Message{
		`{"jsonrpc":"2.0","id":"\u0061","method":"ping"}`:  {Asks: []string{`"a"`}},
		`{"jsonrpc":"2.0","id":-7,"result":{}}`:            {Answers: []string{"-7"}},
		`{"jsonrpc":"2.0","method":"ping"}`:                {},
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32}}`: {},
		`[{"jsonrpc":"2.0","id":"x","method":"ping"},{"id":2,"jsonrpc":"2.0","result":1},{"jsonrpc":"2.0","id":3,"method":"ping"}]`: {Asks: []string{`"x"`, "3"}, Answers: []string{"2"}, Batch: true},
	} {
		got, err := Parse([]byte(text))
		if err != nil || !slices.Equal(got.Asks, want.Asks) || !slices.Equal(got.Answers, want.Answers) || got.Batch != want.Batch {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, id := range []string{"true", "[1]", "{}", `"a`, ""} {
		if got, err := Parse([]byte(`{"jsonrpc":"2.0","id":` + id + `,"method":"ping"}`)); !errors.Is(err, errJSON) {
			t.Errorf("id %s: %+v, %v", id, got, err)
		}
	}
}

func TestString(t *testing.T) {
	for want, m := range map[string]Message{
		"an answer":                    {},
		"tools/call a, tools/call b":   {Methods: []string{callTool, callTool}, Tools: []string{"a", "b"}},
		"tools/call, ping, tools a":    {Methods: []string{callTool, "ping"}, Tools: []string{"a"}},
		"ping, ping, ping, and 2 more": {Methods: []string{"ping", "ping", "ping", "ping", "ping"}},
	} {
		if got := m.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What is taken for a message is one to a lenient reader too, who finds in it the
// same method and the same tool.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search"}}`))
	f.Add([]byte(`[{"jsonrpc":"2.0","method":"\u0070ing","params":[1,{"a":[]}]}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse(text)
		if err != nil {
			return
		}
		type message struct {
			Method string
			Params json.RawMessage
		}
		var all []message
		if text[0] == '[' || json.Unmarshal(text, &all) == nil {
			err = json.Unmarshal(text, &all)
		} else {
			all = make([]message, 1)
			err = json.Unmarshal(text, &all[0])
		}
		var methods, tools []string
		for _, one := range all {
			if one.Method == "" {
				continue
			}
			methods = append(methods, one.Method)
			var p struct{ Name string }
			if one.Method == callTool && json.Unmarshal(one.Params, &p) == nil {
				tools = append(tools, p.Name)
			}
		}
		if err != nil || !slices.Equal(methods, m.Methods) || !slices.Equal(tools, m.Tools) {
			t.Fatalf("%q: %+v, a lenient reader has %q %q, %v", text, m, methods, tools, err)
		}
	})
}
