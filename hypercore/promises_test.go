package hypercore_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore"
)

// TestNothingIsWritten reads a core in every way and finds its files as they were.
func TestNothingIsWritten(t *testing.T) {
	w := flushed(t, 20)
	w.AppendStrings("unflushed")
	before := snapshot(t, w.Dir())
	core := open(t, w.Dir(), hypercore.Options{})
	if _, err := core.VerifyBlocks(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	f := follow(t, w.Dir(), nil, quick())
	f.until(func() bool { return len(f.lines) == 21 })
	f.stop()
	if diff := cmp.Diff(before, snapshot(t, w.Dir())); diff != "" {
		t.Errorf("files changed (-before +after):\n%s", diff)
	}
}

// snapshot describes every file: mode, size, times, inode and content.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		out[p] = fmt.Sprintf("%v %v %v %v", info.Mode(), info.Size(), info.ModTime(), inode(info))
		if d.Type().IsRegular() {
			b, err := os.ReadFile(p)
			out[p] += string(b)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// inode is the system's number of a file, where it has one.
func inode(info fs.FileInfo) any {
	v := reflect.Indirect(reflect.ValueOf(info.Sys()))
	if v.Kind() == reflect.Struct {
		if f := v.FieldByName("Ino"); f.IsValid() {
			return f.Uint()
		}
	}
	return nil
}

// TestSecretKeyIsNotKept searches all that a core, its info and a checkpoint refer to for
// the secret key that lies in the oplog.
func TestSecretKeyIsNotKept(t *testing.T) {
	w := flushed(t, 5)
	w.AppendStrings("more")
	seed := w.Secret()[:32]
	oplog, err := os.ReadFile(filepath.Join(w.Dir(), "oplog"))
	if err != nil || !bytes.Contains(oplog, seed) {
		t.Fatalf("the oplog holds no secret key to look for: %v", err)
	}
	core := open(t, w.Dir(), hypercore.Options{})
	if _, err := core.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	info := core.Info()
	if !info.Writable {
		t.Error("the presence of the key is not reported")
	}
	f := follow(t, w.Dir(), nil, quick())
	f.until(func() bool { return f.last != nil })
	text, err := json.Marshal([]any{info, f.stop()})
	if err != nil {
		t.Fatal(err)
	}
	if at := find(reflect.ValueOf([]any{core, info}), seed, map[uintptr]bool{}); at != "" || bytes.Contains(text, seed) {
		t.Errorf("the secret key is kept at %q", at)
	}
}

// find looks for bytes in everything a value refers to, past the length of slices as well.
func find(v reflect.Value, what []byte, seen map[uintptr]bool) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return ""
		}
		seen[v.Pointer()] = true
		return find(v.Elem(), what, seen)
	case reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return find(v.Elem(), what, seen)
	case reflect.Struct:
		for i := range v.NumField() {
			if at := find(v.Field(i), what, seen); at != "" {
				return v.Type().Field(i).Name + "." + at
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if at := find(it.Value(), what, seen); at != "" {
				return at
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			v = v.Slice3(0, v.Cap(), v.Cap())
		}
		return findIn(v, what, seen)
	case reflect.Array:
		return findIn(v, what, seen)
	case reflect.String:
		if strings.Contains(v.String(), string(what)) {
			return "string"
		}
	}
	return ""
}

func findIn(v reflect.Value, what []byte, seen map[uintptr]bool) string {
	if v.Type().Elem().Kind() != reflect.Uint8 {
		for i := range v.Len() {
			if at := find(v.Index(i), what, seen); at != "" {
				return at
			}
		}
		return ""
	}
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	if bytes.Contains(b, what) {
		return "bytes"
	}
	return ""
}
