package follow

import (
	"context"
	"errors"
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
	told    []string
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

func (s *script) tell(err error) {
	if err == nil {
		s.told = append(s.told, "works")
		return
	}
	s.told = append(s.told, err.Error())
}

func TestLoop(t *testing.T) {
	away := errors.New("the store is away")
	tests := []struct {
		name    string
		answers []answer
		wakes   []time.Duration
		until   time.Duration
		asked   []time.Duration
		told    []string
	}{
		{name: "without a wake it looks after each pause", until: 5 * time.Second,
			asked: []time.Duration{0, 2 * time.Second, 4 * time.Second}},
		{name: "what is there is worked off at once", answers: []answer{{more: true}, {more: true}, {}}, until: time.Second,
			asked: []time.Duration{0, 0, 0}},
		{name: "a wake ends the pause", wakes: []time.Duration{500 * time.Millisecond}, until: time.Second,
			asked: []time.Duration{0, 500 * time.Millisecond}},
		{name: "a failure is told once, and its end", answers: []answer{{err: away}, {err: away}, {}}, until: 3 * time.Second,
			asked: []time.Duration{0, time.Second, 2 * time.Second}, told: []string{"the store is away", "works"}},
		{name: "a wake does not shorten the pause after a failure", answers: []answer{{err: away}, {}}, wakes: []time.Duration{time.Millisecond}, until: 1500 * time.Millisecond,
			asked: []time.Duration{0, time.Second, time.Second}, told: []string{"the store is away", "works"}},
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
				l := Loop{Step: s.step, Tell: s.tell, Wake: wake, Clock: clock.Real{}, Poll: 2 * time.Second, Again: time.Second}
				if err := l.Run(ctx); err != nil {
					t.Errorf("Run: %v", err)
				}
				if !slices.Equal(s.asked, tt.asked) || !slices.Equal(s.told, tt.told) {
					t.Errorf("asked at %v and told %q, want %v and %q", s.asked, s.told, tt.asked, tt.told)
				}
			})
		})
	}
}

// What fails because it is told to end has not failed.
func TestLoopEndsInSilence(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := Loop{
		Step:  func(context.Context) (bool, error) { cancel(); return false, context.Canceled },
		Tell:  func(err error) { t.Errorf("told %v", err) },
		Clock: clock.Real{}, Poll: time.Second, Again: time.Second,
	}
	if err := l.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
}
