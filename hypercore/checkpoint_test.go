package hypercore_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

// checkpoint is one as a follower makes it.
func checkpoint(t testing.TB) []byte {
	t.Helper()
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings(letters(21)...)
	w.Clear(3, 5)
	var next hypercore.Checkpoint
	err := hypercore.NewFollower(w.Dir(), hypercore.FollowOptions{}).Run(t.Context(), nil, func(_ ctx, b hypercore.Batch) error {
		if next = b.Next; next.Length == 21 {
			return errStop
		}
		return nil
	})
	wantErr(t, err, errStop)
	text, err := json.Marshal(next)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCheckpointRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no roots":             `{"length": 3}`,
		"roots of another":     `{"length": 1, "roots": [{"index": 1, "size": 1, "hash": "` + hypercore.Key{}.String() + `"}]}`,
		"short hash":           `{"length": 1, "roots": [{"index": 0, "size": 1, "hash": "00"}]}`,
		"negative":             `{"length": -1}`,
		"astronomic":           `{"length": 18446744073709551615}`,
		"recent cut":           `{"recent": "AgA="}`,
		"recent too many":      `{"recent": "/wAAAAAAAAAQ"}`,
		"gap backwards":        `{"gaps": [{"from": 2, "to": 1}]}`,
		"gap beyond the end":   `{"gaps": [{"from": 0, "to": 1}]}`,
		"something else":       `[]`,
		"key of the wrong len": `{"key": "abc"}`,
	} {
		var c hypercore.Checkpoint
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%s: accepted as %+v", name, c)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	f.Add(checkpoint(f))
	f.Add([]byte(`{"length":1,"gaps":[{"from":0,"to":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c, again hypercore.Checkpoint
		if json.Unmarshal(text, &c) != nil {
			return
		}
		out, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &again); err != nil {
			t.Fatalf("%s is not read again: %v", out, err)
		}
	})
}

func TestCheckpointRoundTrip(t *testing.T) {
	text := checkpoint(t)
	var c hypercore.Checkpoint
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(c.Gaps) != 1 || c.Gaps[0] != (hypercore.Range{From: 3, To: 5}) {
		t.Errorf("gaps %v", c.Gaps)
	}
}

func TestOpenUnreadablePaths(t *testing.T) {
	dir := t.TempDir()
	for kind, want := range map[string]error{"v11": hypercore.ErrVersion11, "other": hypercore.ErrNotCore, "store": hypercore.ErrCorestore, "empty": hypercore.ErrEmpty} {
		at := filepath.Join(dir, kind)
		if err := os.Mkdir(at, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := hypercore.Open(makePath(t, at, kind), hypercore.Options{})
		wantErr(t, err, want)
	}
	_, err := hypercore.Open(filepath.Join(dir, "nowhere"), hypercore.Options{})
	wantErr(t, err, os.ErrNotExist)
}

func TestListSkipsNothing(t *testing.T) {
	dir := t.TempDir()
	hypercoretest.NewWriter(t, filepath.Join(dir, "good[1]"), 1).AppendStrings("a")
	bad := hypercoretest.NewWriter(t, filepath.Join(dir, "bad"), 2)
	bad.BadSignature()
	bad.AppendStrings("a")
	broken := hypercoretest.NewWriter(t, filepath.Join(dir, "broken"), 3)
	flip(t, broken.Dir(), "oplog", 30)
	flip(t, broken.Dir(), "oplog", 4096+30)
	list, err := hypercore.List(t.Context(), dir, hypercore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, l := range list {
		got[filepath.Base(l.Path)] = l.Verified
		if l.Verified == (l.Error != "") {
			t.Errorf("%s: verified %v, error %q", l.Path, l.Verified, l.Error)
		}
	}
	if diff := cmp.Diff(map[string]bool{"good[1]": true, "bad": false, "broken": false}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFollowPermission: what can't be read is told, not waited for. Root may read anything.
func TestFollowPermission(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	if err := os.Chmod(filepath.Join(w.Dir(), "oplog"), 0); err != nil {
		t.Fatal(err)
	}
	f := follow(t, w.Dir(), nil, quick())
	if os.Geteuid() == 0 {
		f.expectStatus(hypercore.Live)
		return
	}
	f.expectStatus(hypercore.Unreadable)
	f.mu.Lock()
	defer f.mu.Unlock()
	wantErr(t, f.states[len(f.states)-1].Err, os.ErrPermission)
}
