package scp

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func TestAMachinesProgramTellsTheSidesApart(t *testing.T) {
	near := func(context.Context, *shell.Proc) int { return 42 }
	var out bytes.Buffer
	for args, want := range map[string]int{"scp file host:": 42, "scp -f a.txt": 0} {
		p := &shell.Proc{Args: strings.Fields(args), In: strings.NewReader("\x00\x00\x00"), Out: &out, Err: &out, Files: files(t)}
		if got := Command(near)(context.Background(), p); got != want {
			t.Errorf("%s: status %d, want %d", args, got, want)
		}
	}
	if out.String() != "C0644 10 a.txt\nsome text\n\x00" {
		t.Errorf("%q", out.String())
	}
}
