package id

import (
	"sort"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestNewGrowsStrictlyAndPassesCheck(t *testing.T) {
	last := ""
	for range 10_000 {
		s := New()
		if s <= last {
			t.Fatalf("%s comes after %s", s, last)
		}
		if err := Check(s); err != nil {
			t.Fatal(err)
		}
		last = s
	}
}

func TestNewIsUniqueAcrossGoroutines(t *testing.T) {
	const makers, each = 8, 2000
	lists := make([][]string, makers)
	var wg sync.WaitGroup
	for i := range makers {
		wg.Go(func() {
			for range each {
				lists[i] = append(lists[i], New())
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, list := range lists {
		if !sort.StringsAreSorted(list) {
			t.Error("one goroutine's ids are not in order")
		}
		for _, s := range list {
			seen[s] = true
		}
	}
	if len(seen) != makers*each {
		t.Errorf("%d different ids of %d", len(seen), makers*each)
	}
}

func TestTimeIsWhenItWasMade(t *testing.T) {
	before := time.Now().Add(-2 * time.Millisecond)
	got, err := Time(New())
	after := time.Now().Add(2 * time.Millisecond)
	if err != nil || got.Before(before) || got.After(after) || got.Location() != time.UTC {
		t.Errorf("time %v, %v; want one from %v to %v in UTC", got, err, before, after)
	}
	// The example of RFC 9562, appendix A.6.
	got, err = Time("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	if want := time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC); err != nil || !got.Equal(want) {
		t.Errorf("time %v, %v; want %v", got, err, want)
	}
}

func TestCheckRefuses(t *testing.T) {
	good := New()
	cases := map[string]string{
		"":                                     "not a UUID",
		"x":                                    "not a UUID",
		strings.ToUpper(good):                  "not a UUID",
		"{" + good + "}":                       "not a UUID",
		"urn:uuid:" + good:                     "not a UUID",
		strings.ReplaceAll(good, "-", ""):      "not a UUID",
		good + "\n":                            "not a UUID",
		"8d3a1c6e-30f5-4c43-8ad5-4e62c0c1a111": "version 4",
		"00000000-0000-0000-0000-000000000000": "version 0",
		// version 7, but the variant is not RFC 9562's
		"017f22e2-79b0-7cc3-18c4-dc0c0c07398f": "variant",
	}
	for s, want := range cases {
		if err := Check(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check(%q) = %v, want one that says %q", s, err, want)
		}
		if _, err := Time(s); err == nil {
			t.Errorf("Time(%q) gives a time", s)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(New())
	f.Add("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	f.Fuzz(func(t *testing.T, s string) {
		if Check(s) != nil {
			return
		}
		if len(s) != 36 || strings.ToLower(s) != s {
			t.Errorf("%q passes but is not canonical", s)
		}
		if _, err := Time(s); err != nil {
			t.Errorf("%q passes but has no time: %v", s, err)
		}
	})
}
