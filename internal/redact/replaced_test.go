package redact

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A database that belongs to a replaced key is known by that key's id and
// check value, which are those the key had when it was current.
func TestAReplacedKeyKeepsItsMarks(t *testing.T) {
	var want [][2]string
	for _, b := range []byte{2, 1} {
		was := testRing(t, b)
		want = append(want, [2]string{was.KeyID(), was.Check()})
	}
	if diff := cmp.Diff(want, testRing(t, 3, 2, 1).Replaced()); diff != "" {
		t.Errorf("replaced (-want +got):\n%s", diff)
	}
	if got := testRing(t, 3).Replaced(); got != nil {
		t.Errorf("a ring of one key has replaced %v", got)
	}
}
