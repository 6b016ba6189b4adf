package bound_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/bzzz/bound"
)

func TestRun(t *testing.T) {
	tests := map[string]struct {
		work func(context.Context) int
		want int
		err  error
	}{
		"what ends":   {func(context.Context) int { return 7 }, 7, nil},
		"what panics": {func(context.Context) int { panic("secret words") }, 0, bound.ErrPanic},
		"what hangs":  {func(ctx context.Context) int { <-ctx.Done(); select {} }, 0, bound.ErrTimeout},
	}
	for name, tt := range tests {
		r := bound.NewRunner(10*time.Millisecond, 1)
		got, err := bound.Run(t.Context(), r, tt.work)
		switch {
		case got != tt.want || !errors.Is(err, tt.err):
			t.Errorf("%s: %d, %v", name, got, err)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: the error quotes: %v", name, err)
		}
	}
}

func TestWorkThatHangsTakesRoomUntilItEnds(t *testing.T) {
	r := bound.NewRunner(time.Millisecond, 1)
	end := make(chan struct{})
	if _, err := bound.Run(t.Context(), r, func(context.Context) int { <-end; return 0 }); !errors.Is(err, bound.ErrTimeout) {
		t.Fatal(err)
	}
	if _, err := bound.Run(t.Context(), r, func(context.Context) int { return 0 }); !errors.Is(err, bound.ErrBusy) {
		t.Errorf("while it hangs: %v", err)
	}
	close(end)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := bound.Run(t.Context(), r, func(context.Context) int { return 0 }); !errors.Is(err, bound.ErrBusy) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("room never came back")
		}
	}
}
