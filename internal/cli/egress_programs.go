package cli

import (
	"context"
	"io"
	"strconv"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type egressProgramsCmd struct {
	Limit int `default:"100" help:"At most so many, those that asked last first; up to 1000."`
}

func (c *egressProgramsCmd) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 || c.Limit > 1000 {
		return usageError("--limit %d: give a number from 1 to 1000", c.Limit)
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		all, err := cl.EgressPrograms(ctx, c.Limit)
		if err != nil {
			return err
		}
		return emitList(s, all, func(w io.Writer) error { return programTable(w, all) })
	})
}

func programTable(w io.Writer, all []api.EgressProgram) error {
	rows := make([][]string, len(all))
	for i, p := range all {
		name := p.Program
		if name == "" {
			name = "(not known)"
		}
		rows[i] = []string{name, number(p.Destinations), number(p.Waiting), number(p.Allowed), number(p.Denied), number(p.BytesOut), day(&p.LastSeen)}
	}
	return table(w, []string{"PROGRAM", "DESTINATIONS", "WAITING", "ALLOWED", "DENIED", "BYTES OUT", "LAST SEEN"}, rows)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
