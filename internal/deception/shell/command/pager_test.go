package command

import (
	"io"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// A person reads a file on a terminal: page by page, back, and looks for a word.
func TestPagersOnATerminal(t *testing.T) {
	for program, steps := range map[string][][2]string{
		"less /tmp/long":       {{"", "line 23\r\n"}, {"", "/tmp/long"}, {" ", "line 46\r\n"}, {"\r", "line 47\r\n"}, {"b", "line 2\r\n"}, {"/line 91\r", "line 91\r\n"}, {"/nowhere\r", "Pattern not found"}, {"G", "(END)"}, {"g", "line 1\r\n"}, {"q", "# "}},
		"cat /tmp/long | less": {{"", "line 23\r\n"}, {" ", "line 46\r\n"}, {"q", "# "}},
		"more /tmp/long":       {{"", "line 23\r\n"}, {"", "--More--(23%)"}, {" ", "line 46\r\n"}, {"\r", "line 47\r\n"}, {"q", "# "}},
	} {
		s, _ := sit(t, "root")
		s.shows("# ") // of the first prompt; the next one says that seq has ended
		s.types("seq -f 'line %g' 100 > /tmp/long\r")
		s.shows("# ")
		s.types(program + "\r")
		for _, step := range steps {
			s.types(step[0])
			s.shows(step[1])
		}
	}
}

// Rows are those that a terminal shows, however the text comes: a line that fills its
// row needs no second one, and what would do something to the terminal is written out.
func TestTextIsWrappedAsATerminalDoes(t *testing.T) {
	for text, want := range map[string][]string{
		"":                 nil,
		"\n":               {""},
		"abcd\n":           {"abcd"},
		"abcde":            {"abcd", "e"},
		"a\n\nb\n":         {"a", "", "b"},
		"\ta\n":            {"    ", "    ", "a"},
		"\x1b[31mred\n":    {"^[[3", "1mre", "d"},
		"äöüß€\n":          {"äöüß", "€"},
		"bad \xff\xe2\x82": {"bad ", "\ufffd\ufffd\ufffd"},
	} {
		rapid.Check(t, func(rt *rapid.T) {
			w := &wrapper{hold: func(int) bool { return true }, columns: 4}
			for rest := []byte(text); len(rest) > 0; {
				n := rapid.IntRange(1, len(rest)).Draw(rt, "piece")
				if _, err := w.Write(rest[:n]); err != nil {
					rt.Fatal(err)
				}
				rest = rest[n:]
			}
			if got := w.end(); !slices.Equal(got, want) {
				rt.Fatalf("%q is shown as %q, want %q", text, got, want)
			}
		})
	}
}

// Pagers count the rows that they keep: of a text that does not fit they show what does.
func TestPagersCountWhatTheyKeep(t *testing.T) {
	var now, peak atomic.Int64
	m := tallied(t, func(n int64) bool {
		at := now.Add(n)
		for p := peak.Load(); at > p && !peak.CompareAndSwap(p, at); p = peak.Load() {
		}
		return true
	})
	keys, typing := io.Pipe()
	s := &screen{t: t, keys: typing}
	over := make(chan struct{})
	go func() {
		defer close(over)
		m.Run(t.Context(), shell.Login{User: "root", Terminal: &shell.Terminal{Term: "xterm", Columns: 80, Rows: 24}, Stdin: keys, Stdout: s, Stderr: s})
	}()
	s.shows("# ")
	for _, program := range []string{"less", "more"} {
		peak.Store(0)
		s.types("yes | head -c 60000000 | " + program + "\r")
		s.shows("y\r\ny\r\n")
		s.types("q")
		s.shows("# ")
		if got := peak.Load(); got < 4<<20 || got > 40<<20 {
			t.Errorf("%s counts %d bytes", program, got)
		}
	}
	_ = typing.Close()
	<-over
	if now.Load() != 0 {
		t.Errorf("%d bytes are counted at the end", now.Load())
	}
}
