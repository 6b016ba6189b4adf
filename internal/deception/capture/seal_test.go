package capture

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/redact"
)

func sealer(t testing.TB, keys ...byte) *Sealer {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, bytes.Repeat([]byte{k}, redact.KeySize))
	}
	ring, err := redact.NewKeyring(all[0], all[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSealer(ring)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASealOpensForItsRowAlone(t *testing.T) {
	s := sealer(t, 1)
	sealed := s.Seal("log:a", []byte("id\n"))
	if bytes.Contains(sealed, []byte("id\n")) || bytes.Equal(sealed, s.Seal("log:a", []byte("id\n"))) {
		t.Error("it is not sealed, or twice in the same way")
	}
	if plain, err := s.Open("log:a", sealed); err != nil || string(plain) != "id\n" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if _, err := s.Open("log:b", sealed); err == nil {
		t.Error("another row's was opened")
	}
	if _, err := sealer(t, 2).Open("log:a", sealed); err == nil {
		t.Error("another key opened it")
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := s.Open("log:a", bad); err == nil {
			t.Fatalf("opened with byte %d changed", i)
		}
		if _, err := s.Open("log:a", sealed[:i]); err == nil {
			t.Fatalf("opened with %d bytes", i)
		}
	}
}

func TestWhatAReplacedKeySealedCanBeOpened(t *testing.T) {
	before, after := sealer(t, 1), sealer(t, 2, 1)
	if plain, err := after.Open("log:a", before.Seal("log:a", nil)); err != nil || len(plain) != 0 {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := before.Open("log:a", after.Seal("log:a", nil)); err == nil {
		t.Error("a replaced key opens what is new")
	}
}

// An error is for the operator: it does not quote evidence.
func TestErrorsOfTheSealShowNothing(t *testing.T) {
	s := sealer(t, 1)
	_, err := s.OpenLog("a", s.Seal("log:a", []byte(`hunter2`)))
	_, other := s.OpenCredential("a", s.Seal("credential:a", []byte(`hunter2`)))
	for _, err := range []error{err, other} {
		if err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("error %v", err)
		}
	}
}

const day = "2026-11-22"

func newBlobs(t *testing.T, s *Sealer) (*Blobs, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "evidence")
	b, err := OpenBlobs(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	return b, dir
}

func TestBlobsAreSealedAndKeptOnce(t *testing.T) {
	b, dir := newBlobs(t, sealer(t, 1))
	data := bytes.Repeat([]byte("malware "), 1_000)
	hash, err := b.Write(mallory, day, data)
	if err != nil || len(hash) != 64 {
		t.Fatal(hash, err)
	}
	before, err := os.ReadFile(filepath.Join(dir, day, hash))
	if err != nil || bytes.Contains(before, []byte("malware")) {
		t.Fatalf("%d bytes, %v, or it is in the clear", len(before), err)
	}
	if again, err := b.Write(mallory, day, data); again != hash || err != nil {
		t.Error(again, err)
	}
	if now, _ := os.ReadFile(filepath.Join(dir, day, hash)); !bytes.Equal(before, now) {
		t.Error("it was written twice")
	}
	for _, s := range []*Sealer{sealer(t, 1), sealer(t, 2, 1)} { // another start, and one with a new key
		later, err := OpenBlobs(dir, s)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := later.Read(day, hash); err != nil || !bytes.Equal(got, data) {
			t.Errorf("read %d bytes, %v", len(got), err)
		}
	}
	stranger, _ := OpenBlobs(dir, sealer(t, 3))
	if _, err := stranger.Read(day, hash); err == nil || errors.Is(err, ErrNoData) {
		t.Errorf("with another key: %v", err)
	}
	for name, mode := range map[string]os.FileMode{day: 0o700, day + "/key": 0o600, day + "/" + hash: 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestBlobsThatAreNotThere(t *testing.T) {
	b, dir := newBlobs(t, sealer(t, 1))
	hash, err := b.Write(mallory, day, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{day, strings.Repeat("0", 64)}, {"2026-11-21", hash}, {"..", hash}, {day, "../secret"}, {day, "key"}, {day, ""}, {"", hash}} {
		if data, err := b.Read(c[0], c[1]); !errors.Is(err, ErrNoData) {
			t.Errorf("%q: %d bytes, %v", c, len(data), err)
		}
	}
	path := filepath.Join(dir, day, hash)
	sealed, _ := os.ReadFile(path)
	sealed[40] ^= 1
	if err := os.WriteFile(path, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Read(day, hash); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a file that was changed: %v", err)
	}
}

// A day's key is overwritten before its files are removed.
func TestOldDaysGo(t *testing.T) {
	b, dir := newBlobs(t, sealer(t, 1))
	var hash string
	for _, d := range []string{"2026-11-20", "2026-11-21", day} {
		var err error
		if hash, err = b.Write(mallory, d, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	kept := filepath.Join(t.TempDir(), "kept") // as a disk keeps the blocks of a file that is gone
	if err := os.Link(filepath.Join(dir, "2026-11-20", "key"), kept); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	n, err := b.Expire(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC))
	if err != nil || n != 2 {
		t.Errorf("%d days, %v", n, err)
	}
	if now, err := os.ReadFile(kept); err != nil || !bytes.Equal(now, make([]byte, len(before))) {
		t.Errorf("the key of a day that is gone: %x, %v", now, err)
	}
	if _, err := b.Read("2026-11-20", hash); !errors.Is(err, ErrNoData) {
		t.Errorf("a day that is gone: %v", err)
	}
	if data, err := b.Read(day, hash); err != nil || string(data) != "x" {
		t.Errorf("a day that is kept: %q, %v", data, err)
	}
}

// Attackers do not fill the disk: what is too much is refused until old days go.
func TestBlobsAreBounded(t *testing.T) {
	b, err := OpenBlobs(t.TempDir(), sealer(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	b.most = 10_000
	write := func(day string, fill byte) error {
		_, err := b.Write(mallory, day, bytes.Repeat([]byte{fill}, 3_000))
		return err
	}
	if err := errors.Join(write("2026-11-20", 1), write("2026-11-21", 2), write("2026-11-22", 3)); err != nil {
		t.Fatal(err)
	}
	b.size = unmeasured // as after a restart
	if err := write("2026-11-22", 4); !errors.Is(err, errNoRoom) {
		t.Errorf("one too many: %v", err)
	}
	if err := write("2026-11-22", 3); err != nil {
		t.Errorf("what is there already: %v", err)
	}
	if _, err := b.Expire(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if err := write("2026-11-22", 4); err != nil {
		t.Errorf("after a day has gone: %v", err)
	}
}

var mallory = netip.MustParsePrefix("203.0.113.9/32")

// Who leaves files without end takes a part of the room, and others have theirs.
func TestOneAttackerDoesNotTakeAllRoom(t *testing.T) {
	b, err := OpenBlobs(t.TempDir(), sealer(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	b.most = 64 << 20
	leave := func(who string, from int) (kept int) {
		for i := range 32 {
			data := bytes.Repeat([]byte{byte(from + i)}, 1<<20)
			switch _, err := b.Write(netip.MustParsePrefix(who), "2026-11-22", data); {
			case err == nil:
				kept++
			case !errors.Is(err, errNoRoom):
				t.Fatal(err)
			}
		}
		return kept
	}
	if n := leave("203.0.113.9/32", 0); n != 7 {
		t.Errorf("of 64 MiB one attacker takes %d", n)
	}
	if n := leave("198.51.100.4/32", 100); n != 6 {
		t.Errorf("another takes %d", n)
	}
	if _, err := b.Write(netip.MustParsePrefix("2001:db8::/64"), "2026-11-22", []byte("#!/bin/sh")); err != nil {
		t.Errorf("a small one of a third: %v", err)
	}
}
