package withheld_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/bzzz/gateway/withheld"
)

func open(t *testing.T, name string, max int) *withheld.List {
	t.Helper()
	l, err := withheld.Open(name, max)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func item(cursor int, kind, value string, blocked bool) withheld.Item {
	return withheld.Item{Cursor: fmt.Sprint(cursor), Kind: kind, Value: value, Blocked: blocked, Reason: "because"}
}

func apply(t *testing.T, l *withheld.List, next string, items ...withheld.Item) {
	t.Helper()
	if err := l.Apply(items, next); err != nil {
		t.Fatal(err)
	}
}

func TestTheListSurvivesARestart(t *testing.T) {
	name := filepath.Join(t.TempDir(), "state", "withheld.jsonl")
	l := open(t, name, 0)
	apply(t, l, "4",
		item(1, withheld.KindMessageID, "m1", true), item(2, withheld.KindContentHash, "h1", true),
		item(3, withheld.KindFingerprint, "f1", true), item(4, withheld.KindFingerprint, "f2", true))
	apply(t, l, "6", item(5, withheld.KindMessageID, "m1", false), item(6, withheld.KindFingerprint, "f2", false))
	for range 2 {
		l = open(t, name, 0)
		tests := map[string][2]bool{
			"an id that may pass again": {l.Blocked(withheld.KindMessageID, "m1"), false},
			"a hash":                    {l.Blocked(withheld.KindContentHash, "h1"), true},
			"a value of another kind":   {l.Blocked(withheld.KindMessageID, "h1"), false},
			"a fingerprint":             {l.Blocked(withheld.KindFingerprint, "f1"), true},
			"a blocked one is allowed":  {l.Allowed("f1"), false},
			"an allowed one":            {l.Allowed("f2"), true},
			"an unknown one is allowed": {l.Allowed("f3"), false},
		}
		for what, got := range tests {
			if got[0] != got[1] {
				t.Errorf("%s: %v", what, got[0])
			}
		}
		if l.Cursor() != "6" || l.Count(withheld.KindFingerprint) != 1 || l.Count(withheld.KindMessageID) != 0 {
			t.Errorf("cursor %s, %d fingerprints, %d ids", l.Cursor(), l.Count(withheld.KindFingerprint), l.Count(withheld.KindMessageID))
		}
	}
}

func TestADamagedFileIsReadAsFarAsItIsWhole(t *testing.T) {
	for name, damage := range map[string]string{"torn": `{"cursor":"9","kin`, "garbled": "\x00\x00\n", "of another kind": `{"cursor":"9","kind":"x","value":"y"}` + "\n"} {
		file := filepath.Join(t.TempDir(), "withheld.jsonl")
		apply(t, open(t, file, 0), "1", item(1, withheld.KindMessageID, "m1", true))
		f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, errW := f.WriteString(damage)
		if errC := f.Close(); errW != nil || errC != nil {
			t.Fatal(errW, errC)
		}
		l := open(t, file, 0)
		if !l.Blocked(withheld.KindMessageID, "m1") || l.Cursor() != "1" {
			t.Errorf("%s: cursor %q", name, l.Cursor())
		}
		apply(t, l, "2", item(2, withheld.KindMessageID, "m2", true))
		if l = open(t, file, 0); !l.Blocked(withheld.KindMessageID, "m2") {
			t.Errorf("%s: what came after is lost", name)
		}
	}
}

func TestTheListIsBounded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "withheld.jsonl")
	l := open(t, file, 10)
	for i := range 30 {
		apply(t, l, "", item(i, withheld.KindMessageID, fmt.Sprint(i), true))
	}
	if l.Count(withheld.KindMessageID) != 10 || l.Dropped() != 20 {
		t.Errorf("%d values, %d dropped", l.Count(withheld.KindMessageID), l.Dropped())
	}
	for i := range 5000 {
		apply(t, l, "", item(i, withheld.KindMessageID, "1", i%2 == 0))
	}
	if info, err := os.Stat(file); err != nil || info.Size() > 200<<10 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

func TestItemsOfNoUseAreNamedAndTheOthersHold(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "withheld.jsonl"), 0)
	err := l.Apply([]withheld.Item{item(1, "colour", "red", true), item(2, withheld.KindMessageID, "", true), item(3, withheld.KindMessageID, "m", true)}, "3")
	if err == nil || !l.Blocked(withheld.KindMessageID, "m") || l.Dropped() != 2 || l.Cursor() != "3" {
		t.Errorf("error %v, %d dropped, cursor %s", err, l.Dropped(), l.Cursor())
	}
}
