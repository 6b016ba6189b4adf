package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func quietLife() *life { return &life{log: slog.New(slog.DiscardHandler)} }

// recorder makes parts that write down what happens to them.
type recorder struct{ seen []string }

func (r *recorder) part(name string, startErr, stopErr error) part {
	return part{name, func(context.Context) (func(context.Context) error, error) {
		r.seen = append(r.seen, "start "+name)
		return func(context.Context) error {
			r.seen = append(r.seen, "stop "+name)
			return stopErr
		}, startErr
	}}
}

func TestPartsStopInReverse(t *testing.T) {
	r, l := &recorder{}, quietLife()
	if err := l.start(t.Context(), []part{r.part("a", nil, nil), r.part("b", nil, nil)}); err != nil {
		t.Fatal(err)
	}
	if err := l.stop(time.Minute); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"start a", "start b", "stop b", "stop a"}, r.seen); d != "" {
		t.Error(d)
	}
}

func TestAFailedStartStopsWhatRan(t *testing.T) {
	r, l := &recorder{}, quietLife()
	err := l.start(t.Context(), []part{r.part("a", nil, nil), r.part("b", errors.New("no port"), nil), r.part("c", nil, nil)})
	if err == nil || !strings.Contains(err.Error(), "starting b: no port") {
		t.Errorf("error = %v", err)
	}
	if d := cmp.Diff([]string{"start a", "start b", "stop a"}, r.seen); d != "" {
		t.Error(d)
	}
}

func TestStopNamesWhoHungAndStopsTheRest(t *testing.T) {
	r, l := &recorder{}, quietLife()
	release := make(chan struct{})
	defer close(release)
	hangs := part{"hanger", func(context.Context) (func(context.Context) error, error) {
		return func(context.Context) error { <-release; return nil }, nil
	}}
	if err := l.start(t.Context(), []part{r.part("a", nil, nil), hangs}); err != nil {
		t.Fatal(err)
	}
	err := l.stop(20 * time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "stopping hanger: it hung") {
		t.Errorf("error = %v", err)
	}
	if r.seen[len(r.seen)-1] != "stop a" {
		t.Errorf("a was not stopped: %v", r.seen)
	}
}
