package redis

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

// FuzzSession sends anything to a decky: it answers or hangs up.
func FuzzSession(f *testing.F) {
	for _, s := range []string{
		"PING\r\n", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "HELLO 3\r\nHGETALL a\r\n", "SET a \"\\x00\r\n", "EVAL \"return {KEYS[1],redis.call('GET','a')..1}\" 1 k\r\n",
		"MULTI\r\nSET a 1\r\nEXEC\r\n", "ZADD z 1 a\r\nZRANGE z 0 -1 REV\r\nSCAN 0 MATCH [a-\r\n", "RESTORE a 0 \"\\x01\\x02\\n\\x00\"\r\n", "SORT a BY x* GET # LIMIT -1 5\r\n",
		"LPUSH l a b\r\nLPOS l a RANK -1 MAXLEN 1\r\nLTRIM l -100 100\r\nSPOP l\r\n", "SETRANGE a 9223372036854775807 x\r\nGETRANGE a -9223372036854775808 5\r\n",
		"CONFIG SET dir ../x save \"1 2\"\r\nSAVE\r\nSLAVEOF a 1\r\nINFO all\r\nDEBUG OBJECT a\r\n", "ZUNIONSTORE z 1 z WEIGHTS inf AGGREGATE MIN\r\nBITOP NOT a b\r\n",
	} {
		f.Add([]byte(s))
	}
	s := made(f, service.Config{"keys": 5, "enable-debug-command": "yes"})
	f.Fuzz(func(t *testing.T, sent []byte) {
		mine, theirs := net.Pipe()
		session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "redis", netip.MustParseAddrPort("203.0.113.9:1"), netip.MustParseAddrPort("192.0.2.7:6379"))
		go func() {
			_, _ = mine.Write(sent)
			_ = mine.Close()
		}()
		go func() { _, _ = io.Copy(io.Discard, mine) }()
		s.Serve(context.Background(), theirs, session)
		_ = theirs.Close()
	})
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte("*1\r\n$4\r\nPING\r\n"), true)
	f.Add([]byte("a 'b\\'c' \"\\x41\"\r\n"), false)
	f.Fuzz(func(t *testing.T, b []byte, known bool) {
		q := newRequests(strings.NewReader(string(b)))
		for range 100 {
			args, err := q.next(known)
			if err != nil {
				return
			}
			if n := len(strings.Join(args, "")); n > len(b) {
				t.Fatalf("%d bytes are made of %d", n, len(b))
			}
		}
	})
}

// What is quoted reads back as it was.
func FuzzQuote(f *testing.F) {
	f.Add("a \"b\"\x00\xff\\")
	f.Fuzz(func(t *testing.T, s string) {
		words, ok := split(quote(s))
		if !ok || len(words) != 1 || words[0] != s {
			t.Fatalf("%q is quoted as %s and read as %q", s, quote(s), words)
		}
	})
}

func FuzzRestore(f *testing.F) {
	for _, v := range []*value{{text: "a"}, {text: "-70000"}, {kind: kList, list: []string{"a", "1"}}} {
		f.Add(string(serialized(v)))
	}
	f.Fuzz(func(t *testing.T, payload string) {
		v, problem := deserialized(payload)
		if problem != "" {
			return
		}
		again, problem := deserialized(string(serialized(v)))
		if problem != "" || again.len() != v.len() {
			t.Fatalf("what was read is not read again: %s", problem)
		}
	})
}

func FuzzScript(f *testing.F) {
	f.Add("local x = 'a\\n\\065' return redis.call('get', KEYS[1]) -- c\n[[x]]")
	f.Fuzz(func(t *testing.T, text string) {
		tokens, _ := tokenize(text, func() bool { return true })
		if len(tokens) > len(text) {
			t.Fatalf("%d tokens of %d bytes", len(tokens), len(text))
		}
		stranger(tokens)
	})
}

// A pattern that makes the real server's search explode is answered at once.
func FuzzGlob(f *testing.F) {
	f.Add(strings.Repeat("*a", 50)+"b", strings.Repeat("a", 300))
	f.Add("h[^a-c]\\*?", "hd*x")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern)+len(s) > 1<<12 {
			return
		}
		matches(pattern, s, true)
		if !matches("*", s, false) {
			t.Fatal("* does not fit")
		}
	})
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"h?llo", "hallo", true}, {"h?llo", "hllo", false}, {"h[ae]llo", "hello", true}, {"h[^e]llo", "hello", false}, {"h[a-c]llo", "hbllo", true},
		{`\*`, "*", true}, {`\*`, "x", false}, {"a*b*c", "aXbYc", true}, {"a*b*c", "aXbY", false}, {"", "", true}, {"", "x", false}, {"*x", "yx", true}, {"[", "[", false},
	} {
		if got := matches(tt.pattern, tt.s, false); got != tt.want {
			t.Errorf("%q fits %q: %t", tt.pattern, tt.s, got)
		}
	}
}
