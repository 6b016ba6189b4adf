package policies

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
)

const (
	strict = "# why we are strict\nmode: strict\ndefault_policy: deny\n"
	watch  = "mode: audit\ndefault_policy: allow\n"
	broken = "mode: nonsense: [\n"
)

// shelf is a Store in memory; the suite of sqlstore holds the real one to the
// same.
type shelf struct {
	mu   sync.Mutex
	all  []Version
	acts []audit.Entry
	away error
}

func (s *shelf) LastPolicy(context.Context, string) (Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return Version{}, errors.Join(ErrNone, s.away)
	}
	return s.all[len(s.all)-1], s.away
}

func (s *shelf) Policy(_ context.Context, _ string, n int64) (Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < 1 || n > int64(len(s.all)) {
		return Version{}, ErrNone
	}
	return s.all[n-1], nil
}

func (s *shelf) Policies(context.Context, string, int64, int) ([]Version, error) { return s.all, nil }

func (s *shelf) SavePolicy(_ context.Context, _ string, v Version, by audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return s.away
	}
	if v.Number != int64(len(s.all))+1 {
		return ErrConflict
	}
	s.all, s.acts = append(s.all, v), append(s.acts, by)
	return nil
}

func (s *shelf) setAway(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err
}

type rig struct {
	*Manager
	t     *testing.T
	store *shelf
	file  string
	clock *clock.Fake
}

func newRig(t *testing.T, document string) *rig {
	t.Helper()
	r := &rig{t: t, store: &shelf{}, file: filepath.Join(t.TempDir(), "policy.yaml"), clock: clock.NewFake(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))}
	if document != "" {
		r.write(document)
	}
	r.open()
	return r
}

func (r *rig) open() {
	r.t.Helper()
	m, err := Open(r.t.Context(), Deps{File: r.file, Store: r.store, Node: "n", Clock: r.clock})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Manager = m
}

func (r *rig) write(document string) {
	r.t.Helper()
	if err := os.WriteFile(r.file, []byte(document), 0o640); err != nil {
		r.t.Fatal(err)
	}
}

// look is what Run does in two rounds.
func (r *rig) look() {
	now := lookAt(r.file)
	r.follow(r.t.Context(), true, now)
}

func (r *rig) wantMode(want policy.Mode, number int64) {
	r.t.Helper()
	v, err := r.Current()
	if err != nil || v.Number != number || r.Policy().Settings().Mode != want {
		r.t.Errorf("version %d (%v) is in force, mode %q; want %d, %q; problem: %v", v.Number, err, r.Policy().Settings().Mode, number, want, r.Problem())
	}
}

func who() Decision {
	return Decision{By: audit.Entry{Action: "egress.policy.change", Actor: audit.Actor{Kind: "user", Name: "ada"}}, Reason: "because"}
}

func TestWithoutAPolicyEverythingIsDenied(t *testing.T) {
	r := newRig(t, "")
	if d := r.Decide(policy.Request{Host: "example.com"}); d.Allowed() || d.Reason != policy.ReasonNoPolicy || !r.Strict() {
		t.Errorf("got %+v", d)
	}
	if _, err := r.Current(); !errors.Is(err, ErrNone) || r.Problem() != nil {
		t.Errorf("got %v, problem %v", err, r.Problem())
	}
}

func TestAChangedFileBecomesAVersionOnce(t *testing.T) {
	r := newRig(t, strict)
	r.wantMode(policy.Strict, 1)
	r.open()
	r.look()
	r.wantMode(policy.Strict, 1)
	r.write(watch)
	r.look()
	r.wantMode(policy.Audit, 2)
	if v := r.store.all[1]; v.Origin != FromFile || v.Document != watch || r.store.acts[1].Action != "egress.policy.import" {
		t.Errorf("got %+v", v)
	}
}

func TestABadFileLeavesTheLastGoodVersionInForce(t *testing.T) {
	spoilt := map[string]func(r *rig){
		"it does not parse": func(r *rig) { r.write(broken) },
		"it is gone":        func(r *rig) { _ = os.Remove(r.file) },
		"it is a folder":    func(r *rig) { _ = os.Remove(r.file); _ = os.Mkdir(r.file, 0o700) },
		"it is endless":     func(r *rig) { _ = os.Remove(r.file); _ = os.Symlink("/dev/zero", r.file) },
		"it is too large":   func(r *rig) { r.write(strings.Repeat("#", maxFile+1)) },
	}
	for name, spoil := range spoilt {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, strict)
			spoil(r)
			r.look()
			r.wantMode(policy.Strict, 1)
			if r.Problem() == nil {
				t.Error("nothing is said")
			}
			r.open() // a restart keeps it, too
			r.wantMode(policy.Strict, 1)
			if err := os.RemoveAll(r.file); err != nil {
				t.Fatal(err)
			}
			r.write(watch)
			r.look()
			r.wantMode(policy.Audit, 2)
			if r.Problem() != nil {
				t.Errorf("mended, and still: %v", r.Problem())
			}
		})
	}
}

// Who broke the file is told where.
func TestABadFileIsToldWithItsLine(t *testing.T) {
	r := newRig(t, strict)
	r.write("mode: strict\n# ours\nallowlist:\n  rules:\n    - {host: a.example, port: [443]}\n")
	r.look()
	r.wantMode(policy.Strict, 1)
	if err := r.Problem(); err == nil || !strings.Contains(err.Error(), "line 5") || !strings.Contains(err.Error(), "port") {
		t.Errorf("the problem is: %v", err)
	}
}

// Somebody who writes in place leaves half a file for a moment.
func TestAFileThatIsBeingWrittenIsNotReadYet(t *testing.T) {
	r := newRig(t, strict)
	r.write(watch[:12])
	r.follow(t.Context(), false, lookAt(r.file))
	r.wantMode(policy.Strict, 1)
	if r.Problem() != nil {
		t.Errorf("half a file was read: %v", r.Problem())
	}
}

func TestALinkThatIsTurnedToAnotherFileShowsAndStaysALink(t *testing.T) {
	dir := t.TempDir()
	one, two, link := filepath.Join(dir, "one"), filepath.Join(dir, "two"), filepath.Join(dir, "link")
	for path, text := range map[string]string{one: strict, two: watch} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(one, link); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, store: &shelf{}, file: link, clock: clock.NewFake(time.Now())}
	r.open()
	r.wantMode(policy.Strict, 1)
	if err := errors.Join(os.Symlink(two, link+"2"), os.Rename(link+"2", link)); err != nil {
		t.Fatal(err)
	}
	r.look()
	r.wantMode(policy.Audit, 2)
	if _, err := r.Put(t.Context(), []byte(strict), who()); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(link); err != nil || target != two {
		t.Errorf("the link leads to %q, %v", target, err)
	}
	if text, err := os.ReadFile(two); err != nil || string(text) != strict {
		t.Errorf("its target holds %q, %v", text, err)
	}
}

func TestAChangeWritesFileAndStore(t *testing.T) {
	r := newRig(t, strict)
	told := 0
	r.d.Changed = func() { told++ }
	v, err := r.Put(t.Context(), []byte(watch), who())
	if err != nil || v.Author != "ada" || v.Reason != "because" || v.Origin != FromAPI || told != 1 {
		t.Fatalf("got %+v, %v, told %d times", v, err, told)
	}
	if text, err := os.ReadFile(r.file); err != nil || string(text) != watch {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if info, err := os.Stat(r.file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	r.look()
	r.wantMode(policy.Audit, 2)
	if _, err := r.Rollback(t.Context(), 1, who()); err != nil {
		t.Fatal(err)
	}
	r.wantMode(policy.Strict, 3)
	if _, err := r.Rollback(t.Context(), 9, who()); !errors.Is(err, ErrNone) {
		t.Errorf("a version that never was: %v", err)
	}
}

func TestAnInvalidDocumentIsRefusedAndChangesNothing(t *testing.T) {
	r := newRig(t, strict)
	var invalid *InvalidError
	if _, err := r.Put(t.Context(), []byte(broken), who()); !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(r.file); string(text) != strict {
		t.Errorf("the file holds %q", text)
	}
	r.wantMode(policy.Strict, 1)
}

// Whoever begins by watching keeps the tests of what is to be enforced.
func TestAPolicyThatOnlyWatchesIsTestedAsIfItWereStrict(t *testing.T) {
	const tests = "tests:\n  - name: closed\n    request: unknown.example:443\n    expect: deny\n"
	r := newRig(t, strict+tests)
	if _, err := r.Edit(t.Context(), who(), policy.SetMode(policy.Audit)); err != nil {
		t.Errorf("from strict to audit: %v", err)
	}
	if _, err := r.Put(t.Context(), []byte(watch+tests), who()); err == nil || !strings.Contains(err.Error(), `test "closed": wants deny`) {
		t.Errorf("a default of allow: %v", err)
	}
	r.wantMode(policy.Audit, 2)
}

func TestOfTwoChangesOnOneVersionOneIsRefused(t *testing.T) {
	r := newRig(t, strict)
	v, err := r.Current()
	if err != nil {
		t.Fatal(err)
	}
	d := who()
	d.IfHash = v.Hash
	if _, err := r.Put(t.Context(), []byte(watch), d); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Put(t.Context(), []byte(strict), d); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v", err)
	}
	d.IfHash = r.version.Hash
	r.write(strict + "# by hand\n")
	if _, err := r.Put(t.Context(), []byte(watch+"# by ada\n"), d); !errors.Is(err, ErrConflict) {
		t.Errorf("over a change by hand that nobody saw yet: %v", err)
	}
}

func TestWhatTheStoreDoesNotTakeIsNotInForce(t *testing.T) {
	r := newRig(t, strict)
	away := errors.New("the store is away")
	r.store.setAway(away)
	if _, err := r.Put(t.Context(), []byte(watch), who()); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(r.file); string(text) != strict {
		t.Errorf("the file holds %q", text)
	}
	r.write(watch)
	r.look()
	r.wantMode(policy.Strict, 1)
	r.store.setAway(nil)
	r.look()
	r.wantMode(policy.Audit, 2)
}

func TestAnEditNeedsAFileThatIsInForceAReplacementMendsIt(t *testing.T) {
	r := newRig(t, strict)
	r.write(broken)
	var invalid *InvalidError
	if _, err := r.Edit(t.Context(), who(), policy.SetMode(policy.Audit)); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "nothing to change") {
		t.Errorf("got %v", err)
	}
	if _, err := r.Rollback(t.Context(), 1, who()); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(r.file); string(text) != strict || r.Problem() != nil {
		t.Errorf("the file holds %q, problem %v", text, r.Problem())
	}
}

func TestRunFollowsTheFile(t *testing.T) {
	r := newRig(t, strict)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	r.write(watch)
	for r.Strict() {
		r.clock.Advance(time.Second)
		time.Sleep(time.Millisecond)
	}
	cancel()
	wg.Wait()
}
