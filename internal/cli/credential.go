package cli

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type credentialCmd struct {
	List   credentialListCmd   `cmd:"" help:"List what clients tried to log in with on deckies, newest first."`
	Reveal credentialRevealCmd `cmd:"" help:"Show one in the clear; the audit log says who looked."`
}

type credentialListCmd struct {
	evidenceFlags
	Kind        string `help:"Only of this kind, such as plaintext."`
	Fingerprint string `help:"Only this secret."`
}

func (c *credentialListCmd) Run(ctx context.Context, s *session) error {
	q := c.query()
	q.Kind, q.Fingerprint = c.Kind, c.Fingerprint
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Credential, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.Credentials(ctx, q)
		return p.Items, p.NextCursor, err
	}, credentialTable)
}

func credentialTable(w io.Writer, items []api.Credential) error {
	header := []string{"ID", "LAST TRIED", "FROM", "DECKY", "SERVICE", "KIND", "AS", "TIMES", "NOTE"}
	return tableOf(w, "nobody has tried to log in to a decky", header, items, func(c api.Credential) []string {
		note := ""
		switch {
		case c.Leaked:
			note = "LEAKED: one of yours"
		case c.Accepted:
			note = "let in"
		}
		return []string{c.ID, c.LastSeen.Local().Format(time.DateTime), c.AttackerIP, c.Decky, c.Service, c.Kind, c.Principal, strconv.Itoa(c.Attempts), note}
	})
}

type credentialRevealCmd struct {
	ID string `arg:"" help:"The credential's id."`
	reasonFlag
}

func (c *credentialRevealCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		v, err := cl.RevealCredential(ctx, c.ID, c.Reason)
		if err != nil {
			return err
		}
		return emit(s, v, func(w io.Writer) error { return showSecret(w, v) })
	})
}

// showSecret shows a secret on one line; its exact bytes too where they are no
// text.
func showSecret(w io.Writer, v api.CredentialSecret) error {
	if _, err := fmt.Fprintf(w, "%-10s %s\n%-10s %s\n", "as", oneLine(v.Principal), "secret", oneLine(v.Secret)); err != nil {
		return err
	}
	if exact, err := base64.StdEncoding.DecodeString(v.SecretBase64); err == nil && string(exact) != v.Secret {
		if _, err := fmt.Fprintf(w, "%-10s %s\n", "in base64", v.SecretBase64); err != nil {
			return err
		}
	}
	for _, d := range v.Details {
		if _, err := fmt.Fprintf(w, "%-10s %s\n", oneLine(d.Name), oneLine(d.Value)); err != nil {
			return err
		}
	}
	return nil
}
