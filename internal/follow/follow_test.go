package follow

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// script is a Step that answers as it was told, and notes when it was asked.
type script struct {
	start   time.Time
	answers []answer
	asked   []time.Duration // since start
}

type answer struct {
	more bool
	err  error
}

func (s *script) step(context.Context) (bool, error) {
	s.asked = append(s.asked, time.Since(s.start))
	if len(s.answers) == 0 {
		return false, nil
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	return a.more, a.err
}

// logger writes what is logged, without its time.
func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

const (
	failed = `level=ERROR msg="it waits" error="the store is away"` + "\n"
	works  = `level=INFO msg="it goes on"` + "\n"
)

func TestLoop(t *testing.T) {
	away := errors.New("the store is away")
	tests := []struct {
		name    string
		answers []answer
		wakes   []time.Duration
		until   time.Duration
		asked   []time.Duration
		logged  string
	}{
		{name: "without a wake it looks after each pause", until: 5 * time.Second,
			asked: []time.Duration{0, 2 * time.Second, 4 * time.Second}},
		{name: "what is there is worked off at once", answers: []answer{{more: true}, {more: true}, {}}, until: time.Second,
			asked: []time.Duration{0, 0, 0}},
		{name: "a wake ends the pause", wakes: []time.Duration{500 * time.Millisecond}, until: time.Second,
			asked: []time.Duration{0, 500 * time.Millisecond}},
		{name: "a failure is told once, and its end", answers: []answer{{err: away}, {err: away}, {}}, until: 3 * time.Second,
			asked: []time.Duration{0, time.Second, 2 * time.Second}, logged: failed + works},
		{name: "a wake does not shorten the pause after a failure", answers: []answer{{err: away}, {}}, wakes: []time.Duration{time.Millisecond}, until: 1500 * time.Millisecond,
			asked: []time.Duration{0, time.Second, time.Second}, logged: failed + works},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, wake := &script{start: time.Now(), answers: tt.answers}, make(chan struct{}, 1)
				for _, at := range tt.wakes {
					time.AfterFunc(at, func() { wake <- struct{}{} })
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.until)
				defer cancel()
				var log bytes.Buffer
				l := Loop{
					Step: s.step, Within: time.Second, Wake: wake, Clock: clock.Real{}, Poll: 2 * time.Second, Again: time.Second,
					Log: logger(&log), Fails: "it waits", Works: "it goes on",
				}
				if err := l.Run(ctx); err != nil {
					t.Errorf("Run: %v", err)
				}
				if !slices.Equal(s.asked, tt.asked) || log.String() != tt.logged {
					t.Errorf("asked at %v and logged %q, want %v and %q", s.asked, log.String(), tt.asked, tt.logged)
				}
			})
		})
	}
}

// What fails because it is told to end has not failed.
func TestLoopEndsInSilence(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var log bytes.Buffer
	l := Loop{
		Step:   func(context.Context) (bool, error) { cancel(); return false, context.Canceled },
		Within: time.Second, Clock: clock.Real{}, Poll: time.Second, Again: time.Second, Log: logger(&log),
	}
	if err := l.Run(ctx); err != nil || log.Len() > 0 {
		t.Errorf("Run: %v, logged %q", err, log.String())
	}
}

// A store that does not answer is a failure like any other; that the loop ends before it
// answers again is none.
func TestStepHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		var log bytes.Buffer
		l := Loop{
			Step:   func(ctx context.Context) (bool, error) { <-ctx.Done(); return false, ctx.Err() },
			Within: time.Minute, Clock: clock.Real{}, Poll: time.Second, Again: time.Second, Log: logger(&log), Fails: "it waits",
		}
		err := l.Run(ctx)
		if want := `level=ERROR msg="it waits" error="context deadline exceeded"` + "\n"; err != nil || log.String() != want {
			t.Errorf("Run: %v, logged %q, want %q", err, log.String(), want)
		}
	})
}
