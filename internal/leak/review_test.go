package leak

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/leak/source"
)

// TestASecretKnownFromElsewhereIsHiddenInEveryExcerpt: a password is known for
// one only where its name stands before it, and then wherever else it is written
// in the message, beside another secret too.
func TestASecretKnownFromElsewhereIsHiddenInEveryExcerpt(t *testing.T) {
	password, token := "vR7#kq2Lw9!"+"zTbX4m", "ghp_"+"R7kq2Lw9zTbX4mA1c3D5e7F9gH2iJ4kL6mN8" // cordon:allow
	far := strings.Repeat("lorem ipsum ", 2000)
	notes := map[string]string{
		"in the data": token + " and " + password,
		"in a text":   "line\n" + token + " and " + password,
	}
	for name, note := range notes {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, builtin(t))
			k.feed(Watch{}, entryOf(0, bzzz(t, map[string]any{"a": map[string]any{"password": password}, "b": far, "c": note})))
			if n := len(k.findings()); n != 2 {
				t.Fatalf("%d findings, want the password and the token", n)
			}
			if strings.Contains(k.recorded(), password) {
				t.Errorf("the password was recorded: %s", k.recorded())
			}
		})
	}
}

// TestWhyASourceFailedIsToldWithoutASecret: what runs a watch logs and stores its error, and
// a source's error has the name of a file in it.
func TestWhyASourceFailedIsToldWithoutASecret(t *testing.T) {
	k := tokens(t)
	cause := fmt.Errorf("opening /drop/%s.txt: %w", secretNo(1), fs.ErrPermission)
	err := newWatcher(&k.deps, Watch{ID: "drop", Kind: "dir", Source: failing{cause}}).run(t.Context())
	if !errors.Is(err, fs.ErrPermission) || strings.Contains(fmt.Sprintf("%v %+v", err, err), secretNo(1)) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Run(context.Context, json.RawMessage, source.Sink) error { return f.err }

// TestAKeyThatIsNoNameCostsOnce: a path as long as the message would be held by
// every hit below it.
func TestAKeyThatIsNoNameCostsOnce(t *testing.T) {
	k := tokens(t)
	var list []string
	for n := range 100 {
		list = append(list, secretNo(n))
	}
	k.feed(Watch{}, entryOf(0, bzzz(t, map[string]any{strings.Repeat("k", 1<<20): list})))
	if n := len(k.findings()); n != 100 {
		t.Fatalf("%d findings, want 100", n)
	}
	for _, f := range k.findings() {
		if f.Field != "…" {
			t.Fatalf("field %q of %d bytes", f.Field[:min(len(f.Field), 80)], len(f.Field))
		}
	}
}

// TestARunOfEncodingFullOfSecretsIsReadOnce: all of a long run of base64 is
// withheld, and what that costs does not grow with the secrets in it times its
// length. Were it to, this test would not end.
func TestARunOfEncodingFullOfSecretsIsReadOnce(t *testing.T) {
	k := tokens(t)
	var inner strings.Builder
	for n := range maxHits {
		fmt.Fprintf(&inner, "%s %s ", secretNo(n), strings.Repeat("word ", 20))
	}
	run := base64.StdEncoding.EncodeToString([]byte(inner.String()))
	k.feed(Watch{}, entryOf(0, []byte("before "+run+" "+secretNo(maxHits-1)+" after")))
	rows := k.quarantine()
	if len(rows) < maxHits-1 {
		t.Fatalf("%d rows, want one for each secret", len(rows))
	}
	if want := "before TOK-"; !strings.HasPrefix(rows[0].RedactedContent, want) {
		t.Errorf("content %q, want it to begin with %q", rows[0].RedactedContent, want)
	}
	for _, q := range rows[:8] {
		for i := 0; i+12 <= len(run); i += 4 {
			if strings.Contains(q.RedactedContent, run[i:i+12]) {
				t.Fatalf("content %q shows the run from its byte %d", q.RedactedContent, i)
			}
		}
	}
}

// TestAnOverlongNameIsLeftOut: of a text that is no name only its length is kept.
func TestAnOverlongNameIsLeftOut(t *testing.T) {
	k := tokens(t)
	e := entryOf(0, []byte(secretNo(1)))
	e.Label = strings.Repeat("n", maxOutside+1)
	k.feed(Watch{}, e)
	if got, want := k.quarantine()[0].Label, "(left out: 4097 bytes)"; got != want {
		t.Errorf("label %q, want %q", got, want)
	}
}

func TestWordsOfPeopleAreKeptWithoutTheSecretsInThem(t *testing.T) {
	k := tokens(t)
	for text, want := range map[string]string{
		"rotated,\nsee ticket 7":                "rotated,\nsee ticket 7",
		"rotated " + secretNo(1) + " yesterday": "rotated TOK-****KL yesterday",
		"":                                      "",
	} {
		if got := Words(k.deps.Scanner, text); got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
	encoded := base64.StdEncoding.EncodeToString([]byte("it was " + secretNo(2) + ", rotated"))
	if got := Words(k.deps.Scanner, encoded+" is out"); strings.Contains(got, encoded[:10]) || !strings.HasSuffix(got, " is out") {
		t.Errorf("kept %q", got)
	}
}

// TestAKnownSecretIsHiddenInEncodedFormToo: by itself no rule knows the encoded
// password for one.
func TestAKnownSecretIsHiddenInEncodedFormToo(t *testing.T) {
	password, token := "vR7#kq2Lw9!"+"zTbX4m", "ghp_"+"R7kq2Lw9zTbX4mA1c3D5e7F9gH2iJ4kL6mN8" // cordon:allow
	b64 := base64.StdEncoding.EncodeToString
	for name, form := range map[string]string{
		"base64":          b64([]byte(password)),
		"base64, shifted": b64([]byte("a:" + password + ":b")),
		"url":             base64.URLEncoding.EncodeToString([]byte(password)),
		"hex":             hex.EncodeToString([]byte(password)),
		"HEX":             strings.ToUpper(hex.EncodeToString([]byte(password))),
	} {
		k := newKit(t, builtin(t))
		k.feed(Watch{}, entryOf(0, bzzz(t, map[string]any{"a": map[string]any{"password": password}, "c": token + " and " + form})))
		if n := len(k.findings()); n != 2 {
			t.Fatalf("%s: %d findings, want the password and the token", name, n)
		}
		if middle := form[6 : len(form)-6]; strings.Contains(k.recorded(), middle) {
			t.Errorf("the password was recorded in %s", name)
		}
	}
}
