package disk_test

import (
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

func FuzzHeader(f *testing.F) {
	for _, name := range []string{"first-release", "manifest-v0", "manifest-multi-v1", "prologue", "user-data", "external-header", "sparse"} {
		f.Add(disk.ReadSlot(oplog(f, filepath.Join("..", "testdata", name))))
	}
	f.Fuzz(func(_ *testing.T, b []byte) { disk.DecodeHeader(b) })
}

func FuzzEntry(f *testing.F) {
	w := hypercoretest.NewWriter(f, f.TempDir(), 1)
	f.Add(w.Prepare([]byte("a"), []byte("b")))
	f.Add([]byte{1, 1, 'k', 1, 'v'})
	f.Fuzz(func(_ *testing.T, b []byte) { disk.DecodeEntry(b) })
}

func TestHeaderVersions(t *testing.T) {
	for name, want := range map[string]uint64{"first-release": 0, "length-3": 1, "external-header": 1} {
		s, err := load(t, filepath.Join("..", "testdata", name))
		if err != nil || s.HeaderVersion != want || !s.HasSecretKey {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if err := disk.DecodeHeader([]byte{2}); err == nil {
		t.Error("a header of version 2 was read")
	}
}

// TestUserDataValuesAreNotKept: applications store keys there.
func TestUserDataValuesAreNotKept(t *testing.T) {
	s, err := load(t, filepath.Join("..", "testdata", "user-data"))
	if err != nil {
		t.Fatal(err)
	}
	want := []disk.UserData{{Key: "app/secret", Size: 32}, {Key: "app/note", Size: 5}}
	if len(s.UserData) != 2 || s.UserData[0] != want[0] || s.UserData[1] != want[1] {
		t.Errorf("got %+v, want %+v", s.UserData, want)
	}
}
