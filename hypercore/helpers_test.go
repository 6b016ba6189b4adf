package hypercore_test

import (
	"context"
	"errors"
	"testing"
)

type ctx = context.Context

var errStop = errors.New("stop")

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}
