package ftp

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Many connections that list a large folder and read nothing of it hold little: one
// attacker may have fifty, and as many addresses as he likes.
func TestSlowReadersOfListingsHoldLittle(t *testing.T) {
	const readers, files = 20, 15_000
	m := newTiny()
	root := m.files.As(vfs.Cred{})
	if err := root.Mkdir("/home/anna/many", os.ModeDir|0o755); err != nil {
		t.Fatal(err)
	}
	for n := range files {
		if err := root.WriteFile(fmt.Sprintf("/home/anna/many/%05d%s", n, strings.Repeat("x", 200)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d := decky(t, m, quick(nil))
	before := heap()
	for range readers {
		w := enter(t, d.Address)
		data := w.data()
		defer data.Close()
		if reply := w.ask("LIST many"); !strings.HasPrefix(reply, "150") {
			t.Fatal(reply)
		}
		if _, err := data.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if held := int64(heap()) - int64(before); held > readers<<20 {
		t.Errorf("%d readers hold %d MiB of the heap, want at most one each", readers, held>>20)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What goes while a folder is listed is left out, and what came is not shown; the rest
// is.
func TestAListingOfAFolderThatChanges(t *testing.T) {
	m := newTiny()
	view := m.files.As(vfs.Cred{})
	c := &client{server: &server{clock: clock.Real{}, zone: time.UTC}, files: &files{view: view, dir: "/home/anna"}}
	l := c.look("", "")
	if err := view.Remove("/home/anna/notes.txt"); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := c.writeLines(&out, l, false); err != nil || out.String() != "away\r\ndocs\r\nshut\r\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
