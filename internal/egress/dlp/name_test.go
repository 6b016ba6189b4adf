package dlp

import (
	"strings"
	"testing"
)

// A name has a bounded number of readings, none longer than it is.
func FuzzName(f *testing.F) {
	f.Add("rr3---sn-4g5ednse.googlevideo.com")
	f.Add(strings.Repeat("a1b2", 15) + ".t.example.com:443")
	f.Fuzz(func(t *testing.T, name string) {
		all := readings(name)
		if len(all) > 1+4*maxDomain {
			t.Errorf("%d readings", len(all))
		}
		for _, text := range all {
			if len(text) > 3*len(name) { // what is no UTF-8 may grow when it is written in capitals
				t.Errorf("%q is read as %q", name, text)
			}
		}
	})
}
