package anchor

import (
	"slices"
	"syscall"
	"testing"
)

// guarded returns memory before and behind which a read is a fault.
func guarded(t *testing.T) []byte {
	t.Helper()
	size := syscall.Getpagesize()
	all, err := syscall.Mmap(-1, 0, 3*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	for _, page := range [][]byte{all[:size], all[2*size:]} {
		if err := syscall.Mprotect(page, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return all[size : 2*size]
}

func TestNothingIsReadOutsideTheText(t *testing.T) {
	page := guarded(t)
	for i := range page {
		page[i] = "key-Token"[i%9]
	}
	set, class := New([]string{"key", "token", "n-key-", "y-"}), NewClass(base64Digits)
	for _, k := range Kernels() {
		s, c := set.With(k), class.With(k)
		for n := range 200 {
			for _, text := range [][]byte{page[:n:n], page[len(page)-n:]} {
				if got, want := findAll(t, s, text, 0, 9), plainFind(s.literals, text, 0); !slices.Equal(got, want) {
					t.Fatalf("%v: %q: %v", k, text, got)
				}
				if got, want := allRuns(t, c, text, 20, 0, 9), plainRuns(base64Digits, text, 20, 0); !slices.Equal(got, want) {
					t.Fatalf("%v: %q: %v", k, text, got)
				}
			}
		}
	}
}
