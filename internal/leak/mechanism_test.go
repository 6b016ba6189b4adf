package leak

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak/source"
)

func tokens(t testing.TB) *kit { return newKit(t, []detect.Rule{token()}) }

// TestPiecesOwnEachSecretOnce cuts a text full of secrets the way sources do:
// however the cuts fall, each secret is found once, and none in half.
func TestPiecesOwnEachSecretOnce(t *testing.T) {
	const size, overlap = 4096, 1024
	for gap := range 40 {
		k := tokens(t)
		var text []byte
		secrets := 0
		for ; len(text) < 5*size; secrets++ {
			text = append(text, secretNo(secrets)...)
			text = append(text, bytes.Repeat([]byte(" "), 600+gap)...)
		}
		var pieces []source.Entry
		for from := 0; ; from += size - overlap {
			e := source.Entry{MessageID: "file", Data: text[from:min(len(text), from+size)]}
			if from > 0 {
				e.Overlap = overlap
			}
			if from+size < len(text) {
				e.Continues = overlap
			}
			pieces = append(pieces, e)
			if e.Continues == 0 {
				break
			}
		}
		k.feed(Watch{}, pieces...)
		seen := map[string]int{}
		for _, f := range k.findings() {
			seen[f.Fingerprint]++
		}
		for n := range secrets {
			if print := k.ring.Fingerprint([]byte(secretNo(n))); seen[print] != 1 {
				t.Errorf("gap %d: secret %d was found %d times", gap, n, seen[print])
			}
		}
		if len(seen) != secrets {
			t.Errorf("gap %d: %d fingerprints of %d secrets", gap, len(seen), secrets)
		}
	}
}

func TestTheHitThatQuarantinesWins(t *testing.T) {
	sure, grave := token(), token()
	sure.ID, sure.Regex, sure.Keywords = "sure", `sure:(TOK-[A-Za-z0-9]{20})`, []string{"sure:"}
	grave.ID, grave.Regex, grave.Keywords = "grave", `grave:(TOK-[A-Za-z0-9]{20})`, []string{"grave:"}
	grave.Severity, grave.Confidence = detect.SeverityCritical, 0.2 // below the bar
	k := newKit(t, []detect.Rule{sure, grave})
	k.feed(Watch{}, entryOf(0, bzzz(t, []string{"grave:" + secretNo(1), "sure:" + secretNo(1)})))
	q := k.quarantine()
	if len(q) != 1 || q[0].Rule != "sure" || q[0].Occurrences != 2 {
		t.Errorf("quarantine %+v, want one entry by the rule sure with two occurrences", q)
	}
}

func TestNeighboursAreRedactedHoweverTheyAreWritten(t *testing.T) {
	k := tokens(t)
	near := base64.StdEncoding.EncodeToString([]byte("here: " + secretNo(2) + " and " + secretNo(3)))
	text := fmt.Sprintf(`{"type":"t","data":{"a":%q,"b":"%s","c":"%s","d":"x\n%s"}}`, secretNo(1), unicodeEscaped(secretNo(4)), near, secretNo(5))
	k.feed(Watch{}, entryOf(0, []byte(text)))
	if n := len(k.quarantine()); n != 5 {
		t.Fatalf("%d entries, want 5", n)
	}
	for n := 1; n <= 5; n++ {
		for _, shape := range []string{secretNo(n), unicodeEscaped(secretNo(n))[:60], near[:12], near[len(near)-14:]} {
			if strings.Contains(k.recorded(), shape) {
				t.Errorf("%s was recorded", shape)
			}
		}
	}
	for _, f := range k.findings() {
		if !strings.HasPrefix(f.Field, "data.") || f.Redacted != "TOK-****" && len(f.Redacted) > 11 {
			t.Errorf("finding %+v", f)
		}
	}
}

// TestSecretsThatRunIntoEachOther: the first match takes the beginning of the
// second secret with it, and the end of its redacted form would give it back.
// Both are recorded.
func TestSecretsThatRunIntoEachOther(t *testing.T) {
	k := tokens(t)
	second := "TOK-00000000000000000012"
	k.feed(Watch{}, entryOf(0, []byte("0TOK-000000000000000000"+second)))
	q := k.quarantine()
	if len(q) != 2 || q[1].Fingerprint != k.ring.Fingerprint([]byte(second)) {
		t.Fatalf("quarantine %+v, want both", q)
	}
	for _, one := range q {
		if !strings.Contains(one.RedactedContent, asterisk) {
			t.Errorf("shown as %q", one.RedactedContent)
		}
	}
	if strings.Contains(k.recorded(), second) {
		t.Error("the second secret was recorded")
	}
}

func TestASecretInAKeyIsRedactedInThePathsBelowIt(t *testing.T) {
	k := tokens(t)
	encoded := base64.StdEncoding.EncodeToString([]byte("key " + secretNo(8)))
	k.feed(Watch{}, entryOf(0, bzzz(t, map[string]any{secretNo(7): map[string]any{encoded: []string{secretNo(9)}}})))
	fields := map[string]bool{}
	for _, f := range k.findings() {
		fields[f.Field] = true
	}
	if len(fields) != 3 {
		t.Errorf("fields %v, want three", fields)
	}
	for _, shape := range []string{secretNo(7), secretNo(8), secretNo(9), encoded[:10], encoded[len(encoded)-10:]} {
		if strings.Contains(k.recorded(), shape) {
			t.Errorf("%s was recorded", shape)
		}
	}
}

func TestAFloodIsBoundedAndSaidToBe(t *testing.T) {
	floods := map[string]func() []byte{
		"plain":   func() []byte { return flood("%s ", "") },
		"escaped": func() []byte { return []byte(`{"type":"t","data":["` + string(flood(`\n%s","`, "")) + `"]}`) },
	}
	for name, make := range floods {
		t.Run(name, func(t *testing.T) {
			k := tokens(t)
			one := newWatcher(&k.deps, Watch{ID: "chat", Kind: "test"})
			err := one.Deliver(t.Context(), source.Batch{Entries: []source.Entry{entryOf(0, make())}})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(k.findings()); n == 0 || n > maxHits {
				t.Errorf("%d findings, want at most %d", n, maxHits)
			}
			if one.snapshot().NotScanned == 0 || !strings.Contains(k.log.text(), "not scanned") {
				t.Error("that the rest was not scanned is not said")
			}
		})
	}
}

func flood(form, head string) []byte {
	b := []byte(head)
	for n := range maxHits + 500 {
		b = fmt.Appendf(b, form, secretNo(n))
	}
	return b
}

func TestWhatCannotBeReadIsNeverCalledClean(t *testing.T) {
	k := tokens(t)
	one := newWatcher(&k.deps, Watch{ID: "chat", Kind: "test"})
	deep := `{"type":"t","data":"\n",` + strings.Repeat(`"a":{`, 300) + strings.Repeat(`}`, 301)
	err := one.Deliver(t.Context(), source.Batch{
		Entries: []source.Entry{entryOf(0, []byte(deep))},
		Losses:  []source.Loss{{From: 3, To: 7, Reason: "file " + secretNo(1) + ": gone"}, {Reason: "unknown"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := one.snapshot().NotScanned; got != 1+4+1 {
		t.Errorf("%d counted as not scanned, want 6", got)
	}
	if strings.Contains(k.log.text(), secretNo(1)) || !strings.Contains(k.log.text(), "gone") {
		t.Errorf("the loss is logged as %s", k.log.text())
	}
}

func TestAnAmbiguousTypeIsScannedWhateverTheFilter(t *testing.T) {
	k := tokens(t)
	text := `{"type":"dull","data":"` + secretNo(1) + `","TYPE":"task"}`
	k.feed(Watch{Types: Filter{Exclude: []string{"dull", "task"}, Include: []string{"other"}}}, entryOf(0, []byte(text)))
	if len(k.findings()) != 1 {
		t.Error("a message whose type two readers understand differently was left out")
	}
}

func TestStatesAreLoggedEmittedAndRedacted(t *testing.T) {
	k := tokens(t)
	one := newWatcher(&k.deps, Watch{ID: "chat", Kind: "dir"})
	stop := one.announce(t.Context())
	one.Report(source.Status{State: source.Waiting})
	for range 3 { // said once
		one.Report(source.Status{State: source.Live, Detail: "file " + secretNo(1) + " cannot be read"})
	}
	one.Report(source.Status{State: source.Failing, Detail: "broken"})
	stop()
	var states []string
	for _, e := range k.events {
		var p event.SourceStateChanged
		if err := e.Decode(&p); err != nil {
			t.Fatal(err)
		}
		states = append(states, p.State+"/"+e.Severity.String())
	}
	if got := strings.Join(states, " "); got != "waiting/info live/info failing/medium" {
		t.Errorf("events %s", got)
	}
	if n := strings.Count(k.log.text(), "cannot be read"); n != 1 {
		t.Errorf("the detail was logged %d times", n)
	}
	if strings.Contains(k.recorded(one.snapshot()), secretNo(1)) {
		t.Error("a secret in a file's name was recorded")
	}
}

func TestMetricsCountMessagesFindingsAndRows(t *testing.T) {
	k := tokens(t)
	k.feed(Watch{}, entryOf(0, bzzz(t, secretNo(1)+" "+secretNo(2))), entryOf(1, bzzz(t, "clean")))
	if want := (counts{scanned: 2, detected: 2, quarantined: 2}); k.counts != want {
		t.Errorf("counted %+v, want %+v", k.counts, want)
	}
	c := k.ledger.all()[0]
	if c.Metrics.Messages != 2 || c.Metrics.Secrets != 2 || c.Metrics.Day != "2026-03-14" || string(c.Position) != "1" {
		t.Errorf("commit %+v", c.Metrics)
	}
}

func TestControlCharactersBecomeVisible(t *testing.T) {
	cases := map[string]string{
		"a\nb\tc":   `a\nb\tc`,
		"\x1b[31m":  `\x1b[31m`,
		"a\u202eb":  `a\u202eb`,
		"\xff":      `\xff`,
		"größe":     "größe",
		"longlongl": "longlongl",
	}
	for in, want := range cases {
		if got := visible(in, 64); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
	}
	if got := visible(strings.Repeat("ö", 100), 32); len(got) > 32 || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text becomes %q", got)
	}
}

// FuzzDeliver feeds what a log may hold: nothing panics, and no token shows.
func FuzzDeliver(f *testing.F) {
	f.Add([]byte(`{"type":"t","data":{"a":"`+secretNo(1)+`"}}`), 0, 0)
	f.Add([]byte(`{"type":"`+secretNo(1)+`","data":"\n`+secretNo(2)+`"}`), 3, 9)
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(secretNo(3)))), 0, 0)
	f.Fuzz(func(t *testing.T, data []byte, overlap, continues int) {
		k := tokens(t)
		size := len(data) + 1
		e := source.Entry{Data: data, Overlap: ((overlap % size) + size) % size, Continues: ((continues % size) + size) % size}
		k.feed(Watch{}, e)
		shown, err := json.Marshal(k.ledger.all())
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := k.deps.Scanner.FindAll(shown); len(found) > 0 {
			t.Errorf("%s is shown", found[0].Redacted)
		}
	})
}

func BenchmarkSensor(b *testing.B) {
	k := newKit(b, builtin(b))
	k.deps.Log = nil
	sensor, err := New(k.deps)
	if err != nil {
		b.Fatal(err)
	}
	one := newWatcher(&sensor.deps, Watch{ID: "chat", Kind: "test"})
	var entries []source.Entry
	size := 0
	for n := range 256 {
		data := map[string]any{"task": n, "note": strings.Repeat("lorem ipsum dolor sit amet ", 20), "tags": []string{"a", "b"}}
		if n%100 == 0 {
			data["env"] = map[string]string{"AWS_ACCESS_KEY_ID": "AKIA" + "Q3EGUXT5ZLBM2WKH"} // cordon:allow
		}
		e := entryOf(n, bzzz(b, data))
		size += len(e.Data)
		entries = append(entries, e)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	messages := 0
	for b.Loop() {
		if err := one.Deliver(b.Context(), source.Batch{Entries: entries}); err != nil {
			b.Fatal(err)
		}
		k.ledger.commits = nil
		messages += len(entries)
	}
	b.ReportMetric(float64(messages)/b.Elapsed().Seconds(), "messages/s")
}
