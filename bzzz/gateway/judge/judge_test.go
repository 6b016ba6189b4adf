package judge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/bzzz/bound"
	"go.cordon.dev/cordon/bzzz/gateway/judge"
	"go.cordon.dev/cordon/bzzz/gateway/window"
	"go.cordon.dev/cordon/bzzz/gateway/withheld"
	"go.cordon.dev/cordon/bzzz/inspect"
	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/detect/fingerprint"
)

type bench struct {
	judge    *judge.Judge
	list     *withheld.List
	key, old *fingerprint.Key
	n        uint64
}

func key(t testing.TB, b byte) *fingerprint.Key {
	t.Helper()
	k, err := fingerprint.New(bytes.Repeat([]byte{b}, fingerprint.Size))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newBench(t testing.TB, installed bool) *bench {
	t.Helper()
	in, err := inspect.New(inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := withheld.Open(filepath.Join(t.TempDir(), "list"), 0)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{list: list, key: key(t, 1), old: key(t, 2)}
	b.judge, err = judge.New(judge.Deps{
		Inspector: in, List: list, Window: window.New(window.Limits{}), Runner: bound.NewRunner(time.Minute, 4),
		Key: b.key, Replaced: []*fingerprint.Key{b.old}, Installed: installed,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) decide(data []byte) judge.Verdict {
	b.n++
	return b.judge.Decide(context.Background(), judge.Message{ID: fmt.Sprint("m", b.n), Topic: "t", Sender: "s", Seq: b.n, Data: data})
}

func (b *bench) apply(t *testing.T, kind, value string, blocked bool) {
	t.Helper()
	if err := b.list.Apply([]withheld.Item{{Cursor: "1", Kind: kind, Value: value, Blocked: blocked}}, "1"); err != nil {
		t.Fatal(err)
	}
}

func secret(t *testing.T) string {
	t.Helper()
	s, err := detect.ExpandExample("{{github:ghp}}")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message(text string) []byte {
	b, err := json.Marshal(map[string]any{"type": "task_progress", "from": "agent", "timestamp": "2026-03-14T14:32:07Z", "data": map[string]string{"note": text}})
	if err != nil {
		panic(err)
	}
	return b
}

// fillers are so many words, each of its own.
func fillers(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "filler%05d ", i)
	}
	return out.String()
}

const unknown = "xk-plain-words-of-the-server" // no rule finds it

func TestVerdicts(t *testing.T) {
	s := secret(t)
	tests := map[string]struct {
		prepare        func(b *bench)
		data           []byte
		answer, reason string
		rule           string
	}{
		"a clean message":          {nil, message("all is well"), judge.Clean, "", ""},
		"a secret":                 {nil, message("use " + s), judge.Withheld, judge.ReasonSecret, "github-pat"},
		"what cannot be read":      {nil, bytes.Repeat([]byte("x"), inspect.DefaultMaxBytes+1), judge.NotScanned, judge.ReasonNotScanned, ""},
		"an id that is blocked":    {func(b *bench) { b.apply(t, withheld.KindMessageID, "m1", true) }, message("all is well"), judge.Withheld, judge.ReasonQuarantined, ""},
		"another id":               {func(b *bench) { b.apply(t, withheld.KindMessageID, "m2", true) }, message("all is well"), judge.Clean, "", ""},
		"content that is blocked":  {func(b *bench) { b.apply(t, withheld.KindContentHash, b.key.Message(message("same")), true) }, message("same"), judge.Withheld, judge.ReasonQuarantined, ""},
		"blocked under an old key": {func(b *bench) { b.apply(t, withheld.KindContentHash, b.old.Message(message("same")), true) }, message("same"), judge.Withheld, judge.ReasonQuarantined, ""},
		"unblocked content": {func(b *bench) {
			b.apply(t, withheld.KindContentHash, b.key.Message(message("same")), true)
			b.apply(t, withheld.KindContentHash, b.key.Message(message("same")), false)
		}, message("same"), judge.Clean, "", ""},
		"a secret that was quarantined":  {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(s)), true) }, message(s), judge.Withheld, judge.ReasonQuarantined, "github-pat"},
		"a secret that was allowed":      {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(s)), false) }, message(s), judge.Clean, "", ""},
		"a secret only the server knows": {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), true) }, message("it is " + unknown + ", ok?"), judge.Withheld, judge.ReasonQuarantined, "known-secret"},
		"the same, under an old key":     {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.old.Secret([]byte(unknown)), true) }, message(unknown), judge.Withheld, judge.ReasonQuarantined, "known-secret"},
		"the same, in plain text":        {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), true) }, []byte("it is " + unknown), judge.Withheld, judge.ReasonQuarantined, "known-secret"},
		"the same, behind many words":    {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), true) }, message(fillers(1000) + unknown), judge.Withheld, judge.ReasonQuarantined, "known-secret"},
		"the same, behind the message":   {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), true) }, append(message("a note of its own"), unknown...), judge.Withheld, judge.ReasonQuarantined, "known-secret"},
		"the same, as a number":          {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte("4711081547")), true) }, []byte(`{"note":"long enough","n":4711081547}`), judge.Withheld, judge.ReasonQuarantined, "known-secret"},
		"more words than are compared":   {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), true) }, message(fillers(20_000) + unknown), judge.NotScanned, judge.ReasonNotScanned, ""},
		"as many, and nothing is listed": {nil, message(fillers(20_000)), judge.Clean, "", ""},
		"two, one only the server knows": {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), true) }, message(s + " " + unknown), judge.Withheld, judge.ReasonSecret, "github-pat"},
		"one allowed, another not":       {func(b *bench) { b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), false) }, message(s + " " + unknown), judge.Withheld, judge.ReasonSecret, "github-pat"},
	}
	for name, tt := range tests {
		b := newBench(t, true)
		if tt.prepare != nil {
			tt.prepare(b)
		}
		v := b.decide(tt.data)
		rule := ""
		if len(v.Findings) > 0 {
			rule = v.Findings[0].Rule
		}
		if v.Answer != tt.answer || v.Reason != tt.reason || rule != tt.rule {
			t.Errorf("%s: %s, %s, rule %q", name, v.Answer, v.Reason, rule)
		}
		if shown := fmt.Sprintf("%+v", v); strings.Contains(shown, s[4:20]) || strings.Contains(shown, unknown) {
			t.Errorf("%s: the verdict shows the secret: %s", name, shown)
		}
	}
}

func TestWithoutTheInstallationKeyOnlyIdsAreCompared(t *testing.T) {
	b := newBench(t, false)
	b.apply(t, withheld.KindContentHash, b.key.Message(message("same")), true)
	b.apply(t, withheld.KindFingerprint, b.key.Secret([]byte(unknown)), true)
	b.apply(t, withheld.KindMessageID, "m3", true)
	for i, want := range []string{judge.Clean, judge.Clean, judge.Withheld} {
		if v := b.decide([][]byte{message("same"), message(unknown), message("x")}[i]); v.Answer != want {
			t.Errorf("message %d: %s, want %s", i+1, v.Answer, want)
		}
	}
}

func TestTheCompletingHalfIsWithheldAndTheFindingNamesBoth(t *testing.T) {
	b, s := newBench(t, true), secret(t)
	if v := b.decide(message("first: " + s[:20])); v.Answer != judge.Clean {
		t.Fatalf("the first half: %+v", v)
	}
	for range 2 { // also when it is sent again
		v := b.decide(message(s[20:] + " was the rest"))
		if v.Answer != judge.Withheld || v.Reason != judge.ReasonSplit || len(v.Findings) != 1 {
			t.Fatalf("the second half: %+v", v)
		}
		f := v.Findings[0]
		if len(f.Messages) != 2 || f.Messages[0] != "m1" || f.Messages[1] != fmt.Sprint("m", b.n) || f.Fingerprint != b.key.Secret([]byte(s)) {
			t.Errorf("the finding: %+v", f)
		}
	}
}

func TestWhatAWithheldMessageSaysOfItself(t *testing.T) {
	b, s := newBench(t, true), secret(t)
	v := b.decide(message(s))
	if v.Report.Type != "task_progress" || v.Report.From != "agent" || v.Report.Timestamp != "2026-03-14T14:32:07Z" || v.Hash != b.key.Message(message(s)) {
		t.Errorf("%+v, hash %s", v.Report, v.Hash)
	}
	v = b.decide([]byte(`{"type":"` + s + `","from":"a","data":1}`))
	if v.Answer != judge.Withheld || v.Report.Type != "" {
		t.Errorf("a type that is a secret is shown: %+v", v.Report)
	}
}
