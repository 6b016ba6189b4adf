package detect

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// decodable is a text with something for most of the decoders, and secret in each.
func decodable(secret string) []byte {
	return []byte(strings.Join([]string{
		quotedJSON(quotedJSON("one line\nkey: " + secret + "\nanother")),
		`{"name":"acme","value":"` + secret + `"}`,
		base64.StdEncoding.EncodeToString([]byte("here is " + secret + " and more")),
		lines(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("so many words ", 9)+secret)), "  ", "\n", 64),
		hex.EncodeToString([]byte("here is " + secret)),
		listOf(secret, "0x%02x", ", "),
		"x = \"" + secret[:9] + "\" +\n \"" + secret[9:] + "\"",
		"/path?q=" + escapedForm("x="+secret),
		wideOf("in wide "+secret+" letters", false),
	}, "\n\n"))
}

func escapedForm(s string) string { return listOf(s, "%%%02X", "") }

// Once a session has the memory, decoding takes no more.
func TestDecodingWhatHoldsNoSecretCostsNoMemory(t *testing.T) {
	set, err := Compile(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(set)
	text := decodable("acme_nothing_of_note")
	var report Report
	root := &layer{text: text}
	s.view, s.report = view{text: text, hi: len(text)}, &report
	const runs = 10
	n := testing.AllocsPerRun(runs, func() {
		s.budget = 1 << 20
		s.peel(root, 0, len(text))
	})
	// The origins of lists and UTF-16, and a slice of names, are made anew.
	if n > 3 || report.Decoded < int64(len(text)/3*runs) {
		t.Errorf("%v allocations, %d bytes decoded of %d", n, report.Decoded, runs*len(text))
	}
}

// What was decoded is wiped when the scan is over, found or not.
func TestASessionForgetsWhatItDecoded(t *testing.T) {
	scanner, secret := acme(t)
	sess := newSession(scanner.RuleSet())
	found := 0
	w := sess.start(func(Finding) bool { found++; return true })
	text := decodable(secret)
	w.segment(view{text: text, hi: len(text), last: true})
	sess.release()
	if found < 8 {
		t.Errorf("%d findings", found)
	}
	if len(sess.layers.free) < 4 || len(sess.layers.held) != 0 {
		t.Errorf("%d layers free, %d held", len(sess.layers.free), len(sess.layers.held))
	}
	for _, l := range sess.layers.free {
		if text := l.text[:cap(l.text)]; strings.Trim(string(text), "\x00") != "" || l.parent != nil || l.origin != nil {
			t.Errorf("a layer keeps %d bytes", len(text))
		}
	}
}

// Two scans with one session find the same, though the second decodes into the
// memory of the first.
func TestLayersThatAreUsedAgainHoldNothingOld(t *testing.T) {
	scanner, secret := acme(t)
	first, _ := scanner.FindAll(decodable(secret))
	for _, other := range []string{"acme_0123", "nothing of note, but long", "short one"} {
		if found, report := scanner.FindAll(decodable(other)); len(found) != 0 || !report.Complete() {
			t.Errorf("%q: found %v, %+v", other, found, report)
		}
		again, _ := scanner.FindAll(decodable(secret))
		if len(again) != len(first) {
			t.Fatalf("found %d, then %d", len(first), len(again))
		}
		for i := range again {
			if again[i].Start != first[i].Start || again[i].End != first[i].End {
				t.Errorf("[%d,%d), then [%d,%d)", first[i].Start, first[i].End, again[i].Start, again[i].End)
			}
		}
	}
}
