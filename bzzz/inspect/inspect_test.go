package inspect_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/bzzz/inspect"
	"go.cordon.dev/cordon/detect"
)

func token(t testing.TB) string {
	t.Helper()
	s, err := detect.ExpandExample("{{github:ghp}}")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func inspector(t testing.TB, o inspect.Options) *inspect.Inspector {
	t.Helper()
	i, err := inspect.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func message(t testing.TB, data any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"type": "task_progress", "from": "12D3KooWA", "timestamp": "2026-03-14T14:32:07Z", "data": data, "hop_count": 1})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}

func zipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestWhereASecretMayHide(t *testing.T) {
	secret := token(t)
	in := inspector(t, inspect.Options{})
	tests := map[string]struct {
		data  []byte
		found bool
	}{
		"in the body":             {message(t, map[string]any{"note": "use " + secret}), true},
		"as a key":                {message(t, map[string]any{secret: true}), true},
		"deep inside":             {message(t, []any{map[string]any{"a": []any{"x", secret}}}), true},
		"escaped":                 {[]byte(`{"type":"t","data":{"n":"` + escaped(secret) + `"}}`), true},
		"in base64":               {message(t, base64.StdEncoding.EncodeToString([]byte("token: "+secret+"\n"))), true},
		"gzipped, in base64":      {message(t, zipped(t, "here it is: "+secret)), true},
		"in the type":             {[]byte(`{"type":"` + secret + `","data":1}`), true},
		"twice one member":        {[]byte(`{"type":"a","data":"` + secret + `","data":"x"}`), true},
		"in what is no JSON":      {[]byte(`{"type":"a", oops ` + secret), true},
		"in plain text":           {[]byte("push with " + secret), true},
		"nowhere":                 {message(t, map[string]any{"note": "the build is green"}), false},
		"nowhere, in plain text":  {[]byte("the build is green"), false},
		"nowhere, in no bytes":    {nil, false},
		"nowhere, among escapes":  {message(t, "line\none\n\"quoted\" \u2028"), false},
		"nowhere, half an object": {[]byte(`{"type":"t","data":`), false},
	}
	for name, tt := range tests {
		r := in.Inspect(tt.data)
		if found := len(r.Findings) > 0; found != tt.found || r.Clean() == tt.found {
			t.Errorf("%s: %d findings, not scanned %v", name, len(r.Findings), r.NotScanned)
		}
		for _, f := range r.Findings {
			if strings.Contains(f.Context, secret[4:12]) {
				t.Errorf("%s: the context shows the secret", name)
			}
		}
	}
}

func TestWhatAMessageSaysOfItself(t *testing.T) {
	r := inspector(t, inspect.Options{}).Inspect(message(t, 1))
	if r.Type != "task_progress" || r.From != "12D3KooWA" || r.Timestamp.Year() != 2026 {
		t.Errorf("type %q, from %q, timestamp %v", r.Type, r.From, r.Timestamp)
	}
}

// Check finds what Inspect finds, and leaves out what the message says of itself.
func TestCheckIsInspectWithoutTheHeader(t *testing.T) {
	in := inspector(t, inspect.Options{MaxBytes: 1 << 10})
	for name, data := range map[string][]byte{
		"clean":     message(t, "all is well"),
		"a secret":  message(t, "use "+token(t)),
		"too large": message(t, strings.Repeat("x", 1<<10)),
	} {
		want, got := in.Inspect(data), in.Check(data)
		if got.Type != "" || got.From != "" || !got.Timestamp.IsZero() {
			t.Errorf("%s: it says %q, %q, %v", name, got.Type, got.From, got.Timestamp)
		}
		if len(got.Findings) != len(want.Findings) || !slices.Equal(got.NotScanned, want.NotScanned) || (name == "clean") != got.Clean() {
			t.Errorf("%s: %d findings, %v; Inspect: %d, %v", name, len(got.Findings), got.NotScanned, len(want.Findings), want.NotScanned)
		}
	}
}

func TestOneSecretInTwoPlacesIsOneFinding(t *testing.T) {
	secret := token(t)
	r := inspector(t, inspect.Options{}).Inspect(message(t, []string{secret, secret}))
	if len(r.Findings) != 1 || r.Findings[0].Occurrences != 2 {
		t.Errorf("%d findings: %+v", len(r.Findings), r.Findings)
	}
}

func TestWhatCannotBeReadIsNotClean(t *testing.T) {
	deep := `{"type":"t\u0041","data":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}"
	tests := map[string][]byte{
		"larger than is read":  bytes.Repeat([]byte("x"), 2000),
		"nested too deeply":    []byte(deep),
		"compressed, cut off":  message(t, zipped(t, strings.Repeat("abcdefgh", 100))[:40]),
		"inflates beyond need": message(t, zipped(t, strings.Repeat("\x00", 64<<20))),
	}
	for name, data := range tests {
		limit := len(data) + 1
		if name == "larger than is read" {
			limit = len(data) - 1
		}
		in := inspector(t, inspect.Options{MaxBytes: limit})
		if r := in.Inspect(data); r.Clean() || len(r.NotScanned) == 0 {
			t.Errorf("%s: clean %v, not scanned %v", name, r.Clean(), r.NotScanned)
		}
		if _, err := in.Scan(t.Context(), data); !errors.Is(err, inspect.ErrNotScanned) {
			t.Errorf("%s: Scan says %v", name, err)
		}
	}
}

func TestScanNamesTheRule(t *testing.T) {
	in := inspector(t, inspect.Options{})
	if rule, err := in.Scan(context.Background(), message(t, token(t))); rule != "github-pat" || err != nil {
		t.Errorf("rule %q, error %v", rule, err)
	}
	if rule, err := in.Scan(context.Background(), message(t, "all is well")); rule != "" || err != nil {
		t.Errorf("rule %q, error %v", rule, err)
	}
}

func TestWhatIsNotSureEnoughPasses(t *testing.T) {
	in := inspector(t, inspect.Options{MinSeverity: detect.SeverityCritical})
	if r := in.Inspect(message(t, token(t))); !r.Clean() {
		t.Errorf("a finding of lower severity withholds: %v", r.Findings)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(`{"type":"t","data":{"a":["\u0041"]}}`))
	f.Add([]byte("plain"))
	in := inspector(f, inspect.Options{})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := in.Inspect(data)
		if rule, err := in.Scan(t.Context(), data); (rule == "" && err == nil) != r.Clean() {
			t.Errorf("Scan says %q, %v; Inspect says clean %v", rule, err, r.Clean())
		}
	})
}

// What messages are full of, peer ids, message ids and hashes of commits, is no
// secret.
func TestIdsAreNoSecrets(t *testing.T) {
	const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	in := inspector(t, inspect.Options{})
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int, from string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = from[r.IntN(len(from))]
		}
		return string(b)
	}
	for range 2000 {
		id := "12D3KooW" + random(44, base58)
		text := fmt.Sprintf(`{"type":"task_progress","from":"%s","timestamp":"2026-03-14T14:32:07Z","data":{"peer_id":"%s","message_id":"%s-%s","commit":"%s","task_id":"%s"},"hop_count":2}`,
			id, id, id, random(16, "0123456789abcdef"), random(40, "0123456789abcdef"), random(8, "0123456789abcdef")+"-5f8e-7abc-9def-"+random(12, "0123456789abcdef"))
		if rep := in.Inspect([]byte(text)); !rep.Clean() {
			t.Fatalf("%s: %v %v", text, rep.Findings, rep.NotScanned)
		}
	}
}
