package capture

import (
	"bytes"
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/deception/service"
)

// LEAK: the headers in their order, of each the left-most address that can be read.
func TestWhatARequestClaims(t *testing.T) {
	f := func(name, value string) service.Field { return service.Field{Name: name, Value: value} }
	for name, c := range map[string]struct {
		fields       []service.Field
		raw          string
		address, who string
	}{
		"nothing":                 {fields: []service.Field{f("Host", "198.51.100.7")}},
		"one address":             {fields: []service.Field{f("x-forwarded-for", "198.51.100.7")}, address: "198.51.100.7", who: "X-Forwarded-For"},
		"the left-most":           {fields: []service.Field{f("X-Forwarded-For", "unknown, 198.51.100.7:4711, 10.0.0.1")}, address: "198.51.100.7", who: "X-Forwarded-For"},
		"over two lines":          {fields: []service.Field{f("X-Forwarded-For", "-"), f("X-Forwarded-For", "198.51.100.7")}, address: "198.51.100.7", who: "X-Forwarded-For"},
		"the first header wins":   {fields: []service.Field{f("CF-Connecting-IP", "198.51.100.1"), f("X-Real-IP", "198.51.100.2")}, address: "198.51.100.2", who: "X-Real-IP"},
		"one that cannot be read": {fields: []service.Field{f("Forwarded", "for=_hidden"), f("True-Client-IP", "198.51.100.3")}, address: "198.51.100.3", who: "True-Client-IP"},
		"RFC 7239":                {fields: []service.Field{f("Forwarded", `proto=http;for=198.51.100.4;by=10.0.0.1, for=198.51.100.5`)}, address: "198.51.100.4", who: "Forwarded"},
		"RFC 7239 with a port":    {fields: []service.Field{f("Forwarded", `For="198.51.100.4:80"`)}, address: "198.51.100.4", who: "Forwarded"},
		"IPv6 in brackets":        {fields: []service.Field{f("Forwarded", `for="[2001:db8::1]"`)}, address: "2001:db8::1", who: "Forwarded"},
		"IPv6 with a port":        {fields: []service.Field{f("Forwarded", `for="[2001:db8::1]:4711"`)}, address: "2001:db8::1", who: "Forwarded"},
		"bare IPv6":               {fields: []service.Field{f("X-Real-IP", "2001:db8::1")}, address: "2001:db8::1", who: "X-Real-IP"},
		"IPv4 in IPv6":            {fields: []service.Field{f("X-Real-IP", "::ffff:198.51.100.7")}, address: "198.51.100.7", who: "X-Real-IP"},
		"what was sent":           {raw: "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n", address: "198.51.100.7", who: "X-Forwarded-For"},
		"not in the body":         {raw: "POST / HTTP/1.1\r\nHost: x\r\n\r\nX-Forwarded-For: 198.51.100.7\r\n"},
		"no address":              {fields: []service.Field{f("X-Forwarded-For", "<script>")}},
	} {
		address, who := claimed(service.Observation{Type: service.Request, Fields: c.fields, Raw: []byte(c.raw)})
		if address != c.address || who != c.who {
			t.Errorf("%s: %q by %q", name, address, who)
		}
	}
	if address, _ := claimed(service.Observation{Type: service.Command, Fields: []service.Field{f("X-Real-IP", "198.51.100.7")}}); address != "" {
		t.Errorf("a command claims %s", address)
	}
}

// Whatever is sent: what is claimed is an address in its usual form, so nothing else
// of a header gets into an event.
func FuzzClaimed(f *testing.F) {
	f.Add("Forwarded", `for="[2001:db8::1]:80";by=x`, "GET / HTTP/1.1\r\nX-Real-IP: 1.2.3.4\r\n\r\n")
	f.Add("X-Forwarded-For", "1.2.3.4, fe80::1%eth0", "")
	f.Fuzz(func(t *testing.T, name, value, raw string) {
		got, who := claimed(service.Observation{Type: service.Request, Fields: []service.Field{{Name: name, Value: value}}, Raw: []byte(raw)})
		a, err := netip.ParseAddr(got)
		if got != "" && (err != nil || a.String() != got || a.Zone() != "" || a.Is4In6()) || (got == "") != (who == "") {
			t.Errorf("%q by %q", got, who)
		}
	})
}

// Whatever a terminal shows and however it is cut into frames: each line is JSON of
// asciicast v2, times never go back, and the text is what was shown.
func TestATranscriptIsWhatWasShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		var s screen
		out := s.line(nil, at, service.Frame{Code: 'r', Columns: 80, Rows: 24})
		for rest := []byte(text); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			at = at.Add(time.Duration(rapid.IntRange(0, 1e9).Draw(t, "pause")))
			out = s.line(out, at, service.Frame{Code: 'o', Data: rest[:n]})
			rest = rest[n:]
		}
		out = s.line(out, at, service.Frame{Code: 'r', Columns: 120, Rows: 40})
		if int64(len(out)) != s.size {
			t.Fatalf("%d bytes, counted %d", len(out), s.size)
		}
		if shown, sizes := played(t, out); shown != text || sizes != "120x40" {
			t.Fatalf("%q and %q, want %q", shown, sizes, text)
		}
	})
}

// played reads asciicast v2.
func played(t interface{ Fatalf(string, ...any) }, cast []byte) (shown, sizes string) {
	lines := strings.Split(strings.TrimSuffix(string(cast), "\n"), "\n")
	var h header
	if err := json.Unmarshal([]byte(lines[0]), &h); err != nil || h.Version != 2 || h.Width != 80 || h.Height != 24 || h.Timestamp == 0 {
		t.Fatalf("header %s: %v", lines[0], err)
	}
	last := 0.0
	for _, line := range lines[1:] {
		var e [3]any
		if err := json.Unmarshal([]byte(line), &e); err != nil || e[0].(float64) < last {
			t.Fatalf("line %s: %v", line, err)
		}
		last = e[0].(float64)
		if e[1] == "r" {
			sizes += e[2].(string)
		} else {
			shown += e[2].(string)
		}
	}
	return shown, sizes
}

func FuzzScreen(f *testing.F) {
	f.Add([]byte("a\xe2\x82"), []byte("\xac\xff\x00"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		var s screen
		now := time.Unix(1, 0)
		out := s.line(nil, now, service.Frame{Code: 'r', Columns: 80, Rows: 24})
		for _, data := range [][]byte{one, two} {
			out = s.line(out, now, service.Frame{Code: 'o', Data: data})
		}
		shown, _ := played(t, out)
		whole := append(bytes.Clone(one), two...)
		if utf8.Valid(whole) && shown != string(whole) || len(s.tails['o']) >= utf8.UTFMax {
			t.Errorf("%q, want %q", shown, whole)
		}
	})
}

func TestSummariesAreShortAndPlain(t *testing.T) {
	r := &Recorder{deps: Deps{Redact: func(s string) string { return s }}}
	got := r.plain("a\nb\x1b[2J\u202e" + strings.Repeat("ä", 1_000))
	if utf8.RuneCountInString(got) != shown+1 || !strings.HasPrefix(got, "a b\uFFFD[2J\uFFFDää") || !strings.HasSuffix(got, "ä…") {
		t.Errorf("%q", got)
	}
	if got := r.plain(strings.Repeat("x", lookedAt) + "secret"); strings.Contains(got, "secret") {
		t.Error("what was not redacted is shown")
	}
}

func TestTheQueueLetsOneThatIsTooLargeIntoAnEmptyQueue(t *testing.T) {
	q := newQueue()
	q.put(service.Observation{Artifact: &service.Artifact{Data: make([]byte, maxQueuedBytes+1)}})
	if got := q.take(math.MaxInt, 1); len(got) != 1 || q.len() != 0 || q.bytes != 0 {
		t.Errorf("%d taken, %d bytes left", len(got), q.bytes)
	}
}
