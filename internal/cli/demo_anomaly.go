package cli

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// demoGuesser is whose logins fail in the story: an address that is nobody's (RFC 5737).
const demoGuesser = "203.0.113.66"

// demoFailures is more of them than an address may have in five minutes.
const demoFailures = 12

// anomalyScene has a program that knows nothing of Cordon report failed logins.
func (c *demoCmd) anomalyScene(ctx context.Context, s *session, cl *client.Client) error {
	fmt.Fprintln(sentences(s.Stdout), "\nPrograms that know nothing of Cordon report what they see by POST /api/v1/events, or by their logs.")
	fmt.Fprintf(sentences(s.Stdout), "-> a login page reports that %d logins from %s failed\n", demoFailures, demoGuesser)
	records := make([]api.RecordIn, demoFailures)
	for i := range records {
		records[i] = api.RecordIn{Kind: "auth_failed", Time: time.Now().UTC(), SourceIP: demoGuesser, User: fmt.Sprintf("demo-user-%d", i%3), Attributes: map[string]string{"service": "login page"}}
	}
	if _, err := cl.Report(ctx, records); err != nil {
		return fmt.Errorf("reporting failed logins: %w", err)
	}
	return guessed(ctx, s, cl)
}

// guessed shows what became of it. One that goes on since an earlier demo is the same.
func guessed(ctx context.Context, s *session, cl *client.Client) error {
	for until := time.Now().Add(joinTime); time.Now().Before(until); {
		page, err := cl.Anomalies(ctx, client.AnomalyQuery{Open: "true", Key: demoGuesser, Limit: 1})
		if err != nil {
			return err
		}
		for _, a := range page.Items {
			fmt.Fprintf(sentences(s.Stdout), "   TOO MANY: %s %s by %s, %d in all: cordon anomaly show %s\n", a.Severity, a.Kind, a.Key, a.Count, a.ID)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for an anomaly: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}
