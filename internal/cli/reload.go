package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type configReloadCmd struct {
	Reason string `help:"Why; kept in the audit log."`
}

func (c *configReloadCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, false, func(cl *client.Client) error {
		out, err := cl.ConfigReload(ctx, api.ReloadRequest{Reason: c.Reason})
		if client.StatusOf(err) == http.StatusUnprocessableEntity {
			return codeError{exitFindings, printable(err.Error())}
		}
		if err != nil {
			return err
		}
		return emit(s, out, func(w io.Writer) error { return reloadText(sentences(w), out) })
	})
}

func reloadText(w io.Writer, out api.Reloaded) error {
	if len(out.Changed)+len(out.NeedsRestart) == 0 {
		fmt.Fprintln(w, "nothing has changed")
	}
	for _, what := range out.Changed {
		fmt.Fprintln(w, "in force:", printable(what))
	}
	for _, key := range out.NeedsRestart {
		fmt.Fprintln(w, "needs a restart:", printable(key))
	}
	for _, warning := range out.Warnings {
		if _, err := fmt.Fprintln(w, "warning:", printable(warning)); err != nil {
			return err
		}
	}
	return nil
}
