package vfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"testing"
)

func TestAPipeWaitsAndEnds(t *testing.T) {
	v := root(New(sample(), clock, Limits{}))
	if err := v.Mknod("/tmp/f", fs.ModeNamedPipe|0o600, Device{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	reader, both := v.Within(ctx), make(chan *File)
	go func() {
		r, err := reader.Open("/tmp/f", O_RDONLY, 0)
		if err != nil {
			t.Error(err)
		}
		both <- r
	}()
	v = v.Within(t.Context())
	w, err := v.Open("/tmp/f", O_WRONLY, 0) // each waits for the other
	if err != nil {
		t.Fatal(err)
	}
	r, got := <-both, make(chan string)
	go func() {
		b, err := io.ReadAll(r)
		got <- string(b) + text(err)
	}()
	long := bytes.Repeat([]byte("0123456789"), 20_000)
	if _, err := w.Write(long); err != nil {
		t.Error(err)
	}
	_ = w.Close()
	if s := <-got; s != string(long) {
		t.Errorf("%d bytes came", len(s))
	}
	w, _ = v.Open("/tmp/f", O_WRONLY, 0)
	go func() { _, err := r.Read(make([]byte, 1)); got <- text(err) }()
	cancel()
	if s := <-got; s != "Interrupted system call" {
		t.Errorf("a cancelled read is %q", s)
	}
	_ = r.Close()
	if _, err := w.Write([]byte("x")); text(err) != "Broken pipe" {
		t.Errorf("writing to nobody: %v", err)
	}
}

// What waits in pipes is little, however many there are, and nothing once they are
// closed.
func TestWhatWaitsInPipesIsBounded(t *testing.T) {
	const pipes = 900
	f := New(sample(), clock, Limits{})
	over, end := context.WithCancel(t.Context())
	end()
	v := root(f).Within(over) // what fits is written, nobody waits
	heap := func() uint64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before, long := heap(), make([]byte, 60_000)
	var open []*File
	for i := range pipes {
		name := fmt.Sprintf("/tmp/p%d", i)
		if err := v.Mknod(name, fs.ModeNamedPipe|0o600, Device{}); err != nil {
			t.Fatal(err)
		}
		p, err := v.Open(name, O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := p.Write(long); n == 0 {
			t.Fatalf("pipe %d takes nothing", i)
		}
		open = append(open, p)
	}
	if held := int64(heap()) - int64(before); held > 12<<20 {
		t.Errorf("%d pipes hold %d MiB", pipes, held>>20)
	}
	for _, p := range open {
		_ = p.Close()
	}
	if held := int64(heap()) - int64(before); held > 2<<20 {
		t.Errorf("%d pipes that nobody has open hold %d MiB", pipes, held>>20)
	}
	runtime.KeepAlive(f)
}

// Those who read a file for the machine itself, such as /etc/passwd at a login, have
// nobody who would end their waiting: a pipe in its place is no file for them.
func TestNobodyWaitsWithoutAnEnd(t *testing.T) {
	v := root(New(sample(), clock, Limits{}))
	if err := errors.Join(v.Remove("/etc/passwd"), v.Mknod("/etc/passwd", fs.ModeNamedPipe|0o644, Device{})); err != nil {
		t.Fatal(err)
	}
	if _, err := v.ReadFile("/etc/passwd"); text(err) != "No such device or address" {
		t.Errorf("reading: %v", err)
	}
	if err := v.WriteFile("/etc/passwd", []byte("x"), 0); text(err) != "No such device or address" {
		t.Errorf("writing: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := v.Within(ended).ReadFile("/etc/passwd"); text(err) != "Interrupted system call" {
		t.Errorf("with an end: %v", err)
	}
}
