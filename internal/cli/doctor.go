package cli

import (
	"context"
	"io"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// doctorCmd asks the server how it fares, or, when none runs, looks at what a
// server would start with.
type doctorCmd struct{}

func (doctorCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		h, err := cl.Health(ctx)
		if err != nil {
			return err
		}
		if err := emit(s, h, func(w io.Writer) error { return checkTable(w, h.Checks) }); err != nil {
			return err
		}
		if h.Status == "failing" {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

func checkTable(w io.Writer, checks []api.Check) error {
	rows := make([][]string, len(checks))
	for i, c := range checks {
		rows[i] = []string{c.Status, c.Kind, c.Name, c.Detail}
	}
	return table(w, []string{"STATUS", "KIND", "NAME", "DETAIL"}, rows)
}
