package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/redact"
)

// maxLookedUp is the longest secret that is looked up, in bytes.
const maxLookedUp = 32 << 10

// quarantineLookupCmd takes the secret from standard input only: an argument
// would stand in the shell's history and in the list of processes.
type quarantineLookupCmd struct{}

func (quarantineLookupCmd) Run(ctx context.Context, s *session) error {
	secret, err := s.readSecret()
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		found, err := cl.LookUp(ctx, secret)
		if err != nil {
			return err
		}
		return emit(s, found, func(w io.Writer) error { return showLookup(w, found) })
	})
}

// readSecret reads one secret; the line end behind it is not part of it.
func (s *session) readSecret() (redact.Secret, error) {
	b, err := io.ReadAll(io.LimitReader(s.Stdin, maxLookedUp+3))
	if err != nil {
		return redact.Secret{}, fmt.Errorf("reading the secret: %w", err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if text == "" || len(text) > maxLookedUp {
		return redact.Secret{}, usageError("give the secret, of at most %d bytes, on standard input, such as: cordon quarantine lookup < FILE", maxLookedUp)
	}
	return redact.NewSecret(text), nil
}

func showLookup(w io.Writer, found api.Lookup) error {
	for i, print := range found.Fingerprints {
		under := "replaced key"
		if i == 0 {
			under = "current key"
		}
		if _, err := fmt.Fprintf(w, "%-12s  %s\n", under, print); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "%d quarantine entries, %d findings\n", found.Quarantine.Total, found.Findings.Total); err != nil {
		return err
	}
	for _, id := range found.Quarantine.IDs {
		if _, err := fmt.Fprintln(w, id); err != nil {
			return err
		}
	}
	return nil
}
