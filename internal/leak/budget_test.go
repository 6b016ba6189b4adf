package leak

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/leak/source"
)

// bomb is what inflates to so many bytes, in base64.
func bomb(t testing.TB, size int) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// bombs is a message of many strings with escapes, each of which inflates to a
// mebibyte: were each scanned with a budget of its own, hundreds of mebibytes
// would be decoded.
func bombs(t testing.TB, n int) []byte {
	one := bomb(t, 1<<20)
	var b strings.Builder
	b.WriteString(`{"type":"t","data":["` + secretNo(1) + `"`)
	for i := range n {
		fmt.Fprintf(&b, `,"\n%d %s"`, i, one)
	}
	return []byte(b.String() + `]}`)
}

func TestAMessageHasOneBudgetForDecoding(t *testing.T) {
	k, data := tokens(t), bombs(t, 300)
	x := examine(k.deps.Scanner, message{entry: source.Entry{Data: data}})
	if got, most := x.scanner.Decoded(), budget(len(data)); got == 0 || got > most {
		t.Errorf("%d bytes decoded, want at most %d", got, most)
	}
	if !slices.ContainsFunc(x.notScanned, func(n detect.NotScanned) bool { return n.Reason == detect.ReasonBudget }) {
		t.Error("what was not decoded is not reported")
	}
	if len(x.hits) != 1 {
		t.Errorf("%d hits, want the token that stands in the clear", len(x.hits))
	}
}

// What is recorded of a message is scanned again. That has a budget too, and
// when it is spent nothing is shown that was not looked at.
func TestExcerptsHaveABudget(t *testing.T) {
	k := tokens(t)
	near := bomb(t, 400<<10)
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "%s %s\n", secretNo(i), near)
	}
	x := examine(k.deps.Scanner, message{entry: source.Entry{Data: []byte(b.String())}})
	bareOnes := 0
	for _, h := range x.hits {
		if strings.Contains(x.excerpt(h), "context left out") {
			bareOnes++
		}
	}
	if got := x.shown.Decoded(); got == 0 || got > shownBudget {
		t.Errorf("%d bytes decoded for excerpts, want at most %d", got, shownBudget)
	}
	if len(x.hits) != 40 || bareOnes == 0 {
		t.Errorf("%d hits, %d of them without context; want 40, and some", len(x.hits), bareOnes)
	}
}

func TestAPrivateKeyIsShownByItsLabel(t *testing.T) {
	k := newKit(t, builtin(t))
	key, err := detect.ExpandExample("{{pem:RSA PRIVATE KEY}}")
	if err != nil {
		t.Fatal(err)
	}
	k.feed(Watch{}, entryOf(0, bzzz(t, map[string]string{"key": key})), entryOf(1, []byte("the key:\n"+key+"\nits end")))
	q := k.quarantine()
	if len(q) != 2 {
		t.Fatalf("%d entries, want 2", len(q))
	}
	for _, one := range q {
		if !strings.Contains(one.RedactedContent, "RSA PRIVATE KEY ****") {
			t.Errorf("shown as %q", one.RedactedContent)
		}
	}
	for line := range strings.Lines(key) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "---") && len(line) > 8 && strings.Contains(k.recorded(), line[:8]) {
			t.Error("a part of the key was recorded")
		}
	}
}
