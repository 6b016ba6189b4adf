package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// doctorCmd asks the server how it fares, or, when none runs, looks at what a
// server would start with.
type doctorCmd struct{}

func (doctorCmd) Run(ctx context.Context, s *session) error {
	s.noteStopped(ctx)
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

// noteStopped says that no server runs. What else keeps the doctor from asking one, it
// tells itself.
func (s *session) noteStopped(ctx context.Context) {
	if _, err := s.config(); err != nil || s.global.Server != "" {
		return
	}
	_, done, err := s.connect(ctx, false)
	if err != nil {
		s.complain(fmt.Sprintf("%v. This is what it would start with:", err))
		return
	}
	_ = done() // nothing was asked
}

// checkTable has what ails first, and says how many are well.
func checkTable(w io.Writer, checks []api.Check) error {
	worst := []string{"failing", "degraded", "ok"}
	rank := func(c api.Check) int { return slices.Index(worst, c.Status) }
	checks = slices.SortedStableFunc(slices.Values(checks), func(a, b api.Check) int { return rank(a) - rank(b) })
	rows := make([][]string, len(checks))
	for i, c := range checks {
		rows[i] = []string{c.Status, c.Kind, c.Name, c.Detail}
	}
	if err := table(w, []string{"STATUS", "KIND", "NAME", "DETAIL"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, tally(checks, worst))
	return err
}

// tally counts the checks in each status, the worst first.
func tally(checks []api.Check, statuses []string) string {
	var parts []string
	for _, status := range statuses {
		n := 0
		for _, c := range checks {
			if c.Status == status {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	return strings.Join(parts, ", ")
}
