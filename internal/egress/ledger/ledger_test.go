package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/redact"
)

func signer(t testing.TB, name string) *audit.Signer {
	t.Helper()
	s, err := audit.NewSigner(redact.NewSecret(strings.Repeat(name, 32)[:32]))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asIs(s string) string { return s }

func options(t testing.TB, dir string) Options {
	return Options{Dir: dir, Signer: signer(t, "s"), Floor: signer(t, "f"), Redact: asIs}
}

func opened(t testing.TB, o Options) *Ledger {
	t.Helper()
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func closed(t testing.TB, l *Ledger) Head {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Head()
}

func denial(n int) Entry {
	return Entry{Kind: Decision, Flow: fmt.Sprint("flow-", n), Time: time.Now().UTC(),
		Decision: "deny", Reason: "default_policy", Host: "api.example.com", Port: 443, Protocol: "https"}
}

func appendN(t testing.TB, l *Ledger, n int) (last Line) {
	t.Helper()
	for i := range n {
		var err error
		if last, err = l.Append(t.Context(), denial(i)); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

func verified(t testing.TB, o Options, known Head) Report {
	t.Helper()
	r, err := Verify(t.Context(), o.Dir, VerifyOptions{Signer: o.Signer, Floor: o.Floor, Known: known})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Scripts rely on these members, in any version.
func TestALineHasTheMembersThatScriptsReadAndAHashThatAnyToolCanCheck(t *testing.T) {
	o := options(t, t.TempDir())
	l := opened(t, o)
	e := denial(1)
	e.URL, e.Findings = "https://api.example.com/a", []Finding{{Rule: "github-token", Redacted: "ghp_****9fK", Fingerprint: "v1:5f2a9c01:9b1d"}}
	appendN(t, l, 1)
	if _, err := l.Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	closed(t, l)
	text, err := os.ReadFile(filepath.Join(o.Dir, active))
	if err != nil {
		t.Fatal(err)
	}
	before := Genesis
	for line := range strings.Lines(string(text)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(`time decision rule reason host port address protocol method url bytes_out bytes_in pid exe cmdline
			source_file source_line function findings prev_hash hash`) {
			if _, there := m[name]; !there {
				t.Errorf("no member %s in %s", name, line)
			}
		}
		if m["prev_hash"] != before {
			t.Errorf("prev_hash is %v, want %s", m["prev_hash"], before)
		}
		before = m["hash"].(string)
		body := strings.Replace(strings.TrimSpace(line), `,"hash":"`+before+`"`, "", 1)
		if digest([]byte(body)) != before {
			t.Errorf("hash is not SHA-256 of the line without it: %s", line)
		}
	}
}

func TestTheChainGoesOnWhereItEnded(t *testing.T) {
	o := options(t, t.TempDir())
	for range 3 {
		l := opened(t, o)
		appendN(t, l, 5)
		closed(t, l)
	}
	r := verified(t, o, Head{})
	if !r.OK() || r.Lines != 15 || r.Signed != 15 || r.Checkpoints != 3 {
		t.Errorf("got %+v", r)
	}
}

func TestManyGoroutinesMakeOneChain(t *testing.T) {
	o := options(t, t.TempDir())
	o.RotateBytes = 8 << 10
	l := opened(t, o)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 50 {
				if _, err := l.Append(context.Background(), denial(i)); err != nil {
					t.Error(err)
				}
				if i%20 == 0 {
					if err := l.Tidy(); err != nil {
						t.Error(err)
					}
					if r, err := l.Verify(context.Background(), Head{}); err != nil || !r.OK() {
						t.Errorf("verified while it grows: %+v, %v", r.Problems, err)
					}
				}
			}
		})
	}
	wg.Wait()
	head := closed(t, l)
	if r := verified(t, o, head); !r.OK() || r.Lines != 400 || r.Files < 3 {
		t.Errorf("got %+v", r)
	}
}

func TestAFolderIsOpenOnce(t *testing.T) {
	o := options(t, t.TempDir())
	opened(t, o)
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("got %v", err)
	}
}

// What a crash may leave behind the last line that was acknowledged.
func TestATornEndIsCutAndTheChainGoesOn(t *testing.T) {
	for name, tear := range map[string]func(next []byte) []byte{
		"nothing":                  func([]byte) []byte { return nil },
		"half a line":              func(next []byte) []byte { return next[:len(next)/2] },
		"a brace":                  func([]byte) []byte { return []byte("{") },
		"zeros of a file system":   func([]byte) []byte { return make([]byte, 4096) },
		"a line without its break": func(next []byte) []byte { return next[:len(next)-1] },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, t.TempDir())
			l := opened(t, o)
			appendN(t, l, 3)
			next, err := chain(closed(t, l), &Line{ID: "x", Entry: denial(1)})
			if err != nil {
				t.Fatal(err)
			}
			extend(t, filepath.Join(o.Dir, active), tear(next))
			l = opened(t, o)
			if last := appendN(t, l, 1); last.Seq != 4 {
				t.Errorf("the next line is %d", last.Seq)
			}
			if r := verified(t, o, closed(t, l)); !r.OK() || r.Lines != 4 {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func extend(t *testing.T, path string, text []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestALogThatLacksWhatWasSignedOrStoredIsNotOpened(t *testing.T) {
	scenarios := map[string]func(t *testing.T, o *Options, head Head){
		"the end is gone, and a checkpoint signs it": func(t *testing.T, o *Options, _ Head) { cutLines(t, o.Dir, 1) },
		"the end is gone, with its checkpoints": func(t *testing.T, o *Options, head Head) {
			cutLines(t, o.Dir, 1)
			remove(t, o.Dir, checkpoints)
			o.Known = head
		},
		"all is gone": func(t *testing.T, o *Options, head Head) {
			remove(t, o.Dir, checkpoints)
			remove(t, o.Dir, active)
			o.Known = head
		},
		"a line in the middle is changed": func(t *testing.T, o *Options, _ Head) { swap(t, o.Dir, "flow-1", "flow-9") },
		"a checkpoint is changed":         func(t *testing.T, o *Options, _ Head) { swapIn(t, o.Dir, checkpoints, `"seq":3`, `"seq":2`) },
	}
	for name, spoil := range scenarios {
		t.Run(name, func(t *testing.T) {
			o := options(t, t.TempDir())
			l := opened(t, o)
			appendN(t, l, 3)
			spoil(t, &o, closed(t, l))
			if _, err := Open(o); !errors.Is(err, ErrTampered) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func cutLines(t *testing.T, dir string, n int) {
	t.Helper()
	path := filepath.Join(dir, active)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.SplitAfter(text, []byte("\n"))
	if err := os.WriteFile(path, bytes.Join(all[:len(all)-1-n], nil), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func swap(t *testing.T, dir, old, now string) { t.Helper(); swapIn(t, dir, active, old, now) }

func swapIn(t *testing.T, dir, name, old, now string) {
	t.Helper()
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%s holds no %s (%v)", name, old, err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(now), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// badDisk fails when it is told to, after it has written a part.
type badDisk struct {
	*os.File
	full, noSync *bool
}

func (d badDisk) Write(p []byte) (int, error) {
	if *d.full {
		n, _ := d.File.Write(p[:len(p)/2])
		return n, syscall.ENOSPC
	}
	return d.File.Write(p)
}

func (d badDisk) Sync() error {
	if *d.noSync {
		*d.noSync = false // the kernel tells of a lost page once
		return syscall.EIO
	}
	return d.File.Sync()
}

func TestADiskThatFailsIsTheCallersErrorAndLeavesNothingBehind(t *testing.T) {
	var full, noSync bool
	o := options(t, t.TempDir())
	o.open = func(path string) (file, error) {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		return badDisk{f, &full, &noSync}, err
	}
	l := opened(t, o)
	appendN(t, l, 2)
	full = true
	_, err := l.Append(t.Context(), denial(2))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "free space") || l.Health() == nil {
		t.Errorf("full disk: %v, health %v", err, l.Health())
	}
	full, noSync = false, true
	if _, err := l.Append(t.Context(), denial(3)); !errors.Is(err, syscall.EIO) {
		t.Errorf("failed sync: %v", err)
	}
	if last := appendN(t, l, 1); last.Seq != 3 || l.Health() != nil {
		t.Errorf("afterwards: line %d, health %v", last.Seq, l.Health())
	}
	if r := verified(t, o, closed(t, l)); !r.OK() || r.Lines != 3 {
		t.Errorf("got %+v", r)
	}
}

// FuzzParse holds the reader of lines to its promise: what it accepts, the
// writer could have written.
func FuzzParse(f *testing.F) {
	good, err := chain(start(), &Line{ID: "x", Entry: denial(1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:len(good)-1])
	f.Add([]byte(`{"seq":1,"hash":"x"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parse(text)
		if err == nil && !bytes.HasSuffix(text, []byte(strings.TrimSuffix(tail(l.Hash), "\n"))) {
			t.Errorf("accepted %q", text)
		}
	})
}

// FuzzLines holds the splitter to bounded memory and to every byte.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var got []byte
		lines := newLines(bytes.NewReader(text))
		for {
			line, whole, err := lines.next()
			if errors.Is(err, io.EOF) {
				break
			}
			got = append(got, line...)
			if whole {
				got = append(got, '\n')
			}
		}
		if !bytes.Equal(got, text) {
			t.Errorf("got %q of %q", got, text)
		}
	})
}
