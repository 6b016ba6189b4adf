package auth_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
)

func openSetup(t *testing.T) (s *auth.Setup, c *clock.Fake, file, token string) {
	t.Helper()
	dir := t.TempDir()
	c = clock.NewFake(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	s = auth.NewSetup(dir, c, "http://127.0.0.1:8420/")
	link, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	url, token, ok := strings.Cut(link.Reveal(), "#token=")
	if !ok || url != "http://127.0.0.1:8420/setup" || len(token) != 43 {
		t.Fatalf("link %q", link.Reveal())
	}
	return s, c, filepath.Join(dir, auth.SetupFile), token
}

func gone(file string) bool {
	_, err := os.Lstat(file)
	return errors.Is(err, os.ErrNotExist)
}

func redeem(s *auth.Setup, token string) error { return s.Redeem(token, func() error { return nil }) }

func TestTheLinkIsForTheOwnerOfTheDirectory(t *testing.T) {
	_, _, file, token := openSetup(t)
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if b, _ := os.ReadFile(file); string(b) != "http://127.0.0.1:8420/setup#token="+token+"\n" {
		t.Errorf("file holds %q", b)
	}
}

func TestTheLinkIsNotWrittenThroughASymbolicLink(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(elsewhere, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, auth.SetupFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.NewSetup(dir, clock.Real{}, "http://x").Open(); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(elsewhere); string(b) != "precious" {
		t.Errorf("the link's target was overwritten with %q", b)
	}
}

func TestAFolderInPlaceOfTheFileIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, auth.SetupFile, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.NewSetup(dir, clock.Real{}, "http://x").Open(); err == nil {
		t.Error("want an error")
	}
}

func TestALinkWorksOnce(t *testing.T) {
	s, _, file, token := openSetup(t)
	for _, wrong := range []string{"", "x", token[:42], token + "x", strings.ToUpper(token)} {
		if err := redeem(s, wrong); !errors.Is(err, auth.ErrSetupToken) {
			t.Errorf("token %q: %v", wrong, err)
		}
	}
	failure := errors.New("bad password")
	if err := s.Redeem(token, func() error { return failure }); !errors.Is(err, failure) || gone(file) {
		t.Fatalf("a failed attempt: %v; the link must stay", err)
	}
	if err := redeem(s, token); err != nil || !gone(file) {
		t.Fatalf("first use: %v, file gone=%v", err, gone(file))
	}
	if err := redeem(s, token); !errors.Is(err, auth.ErrSetupToken) {
		t.Errorf("second use: %v", err)
	}
	if err := redeem(s, ""); !errors.Is(err, auth.ErrSetupToken) {
		t.Errorf("no token after use: %v", err)
	}
}

func TestOfManyAtOnceOneGetsThrough(t *testing.T) {
	s, _, _, token := openSetup(t)
	var wg sync.WaitGroup
	made := make(chan struct{}, 16)
	for range 16 {
		wg.Go(func() {
			_ = s.Redeem(token, func() error { made <- struct{}{}; return nil })
		})
	}
	wg.Wait()
	if len(made) != 1 {
		t.Errorf("%d administrators were made", len(made))
	}
}

func TestALinkIsGoodForFifteenMinutes(t *testing.T) {
	s, c, file, token := openSetup(t)
	c.Advance(15*time.Minute - time.Nanosecond)
	if err := s.Redeem(token, func() error { return errors.New("not yet") }); errors.Is(err, auth.ErrSetupToken) {
		t.Error("too early")
	}
	c.Advance(time.Nanosecond)
	if err := redeem(s, token); !errors.Is(err, auth.ErrSetupToken) || !gone(file) {
		t.Errorf("got %v, file gone=%v", err, gone(file))
	}
}

func TestANewLinkReplacesTheOld(t *testing.T) {
	s, _, _, token := openSetup(t)
	if _, err := s.Open(); err != nil {
		t.Fatal(err)
	}
	if err := redeem(s, token); !errors.Is(err, auth.ErrSetupToken) {
		t.Errorf("the old link: %v", err)
	}
}

func TestRunRemovesTheLink(t *testing.T) {
	tests := map[string]func(s *auth.Setup, c *clock.Fake, stop context.CancelFunc, token string){
		"when its time is up":     func(_ *auth.Setup, c *clock.Fake, _ context.CancelFunc, _ string) { c.Advance(auth.SetupLife) },
		"when the node stops":     func(_ *auth.Setup, _ *clock.Fake, stop context.CancelFunc, _ string) { stop() },
		"when it was used":        func(s *auth.Setup, _ *clock.Fake, _ context.CancelFunc, token string) { _ = redeem(s, token) },
		"when somebody closes it": func(s *auth.Setup, _ *clock.Fake, _ context.CancelFunc, _ string) { s.Close() },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			s, c, file, token := openSetup(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			for c.Waiting() == 0 {
				if t.Context().Err() != nil {
					t.Fatal("Run does not wait")
				}
				time.Sleep(time.Millisecond)
			}
			end(s, c, stop, token)
			if err := <-done; err != nil || !gone(file) {
				t.Errorf("Run = %v, file gone=%v", err, gone(file))
			}
		})
	}
	if err := auth.NewSetup(t.TempDir(), clock.Real{}, "http://x").Run(t.Context()); err != nil {
		t.Errorf("without a link: %v", err)
	}
}
