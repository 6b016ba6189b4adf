package scp

import (
	"context"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// perFile is about what it takes to look at a file, in units of shell.Proc.Work.
const perFile = 64

// Command is a machine's program scp: the far side of a copy is here, everything
// else is near's, the program as a user calls it.
func Command(near shell.Command) shell.Command {
	return func(ctx context.Context, p *shell.Proc) int {
		if !Is(p.Args[1:]) {
			return near(ctx, p)
		}
		return Far{
			In: p.In, Out: p.Out, Err: p.Err, Files: p.Files, Session: p.Session, Hold: p.Hold,
			Pay: func(files int) error { return p.Work(ctx, files*perFile) },
		}.Run(ctx, p.Args[1:])
	}
}
