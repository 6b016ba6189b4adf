package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// maxReplayed is the largest file of records to replay, in bytes.
const maxReplayed = 1 << 20

type anomalyReplayCmd struct {
	File    string `arg:"" help:"The draft: one rule in YAML; - for standard input."`
	Records string `placeholder:"FILE" help:"Records, one JSON object a line, instead of what was recorded."`
	Since   string `placeholder:"TIME" help:"Begin of the stretch: RFC 3339, or how long ago; 24h ago, if it is not given."`
	Until   string `placeholder:"TIME" help:"End of the stretch; now, if it is not given."`
}

func (c *anomalyReplayCmd) Run(ctx context.Context, s *session) error {
	q, err := c.request(s)
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		t, err := cl.AnomalyRuleTry(ctx, q)
		if err != nil {
			return err
		}
		return emit(s, t, func(w io.Writer) error { return showReplay(sentences(w), t) })
	})
}

func (c *anomalyReplayCmd) request(s *session) (q api.AnomalyTryRequest, err error) {
	if q.Text, err = ruleText(s, c.File); err != nil {
		return q, err
	}
	if c.Records != "" && c.Since+c.Until != "" {
		return q, usageError("give either --records or --since and --until")
	}
	if c.Records != "" {
		b, err := readBounded(c.Records, maxReplayed)
		q.Records = string(b)
		return q, err
	}
	since, err := moment("--since", c.Since, time.Now())
	if err != nil {
		return q, err
	}
	if since.IsZero() {
		since = time.Now().Add(-24 * time.Hour)
	}
	until, err := moment("--until", c.Until, time.Now())
	if q.Since = &since; !until.IsZero() {
		q.Until = &until
	}
	return q, err
}

func showReplay(w io.Writer, t api.AnomalyTry) error {
	for _, e := range t.Draft.Episodes {
		if _, err := fmt.Fprintln(w, oneLine(replayed(e))); err != nil {
			return err
		}
	}
	said := fmt.Sprintf("%s of %s match from %s to %s: %s", plural(int(t.Draft.Matched), "record", "records"), plural(int(t.Records), "record", "records"),
		t.From.Format(time.RFC3339), t.To.Format(time.RFC3339), plural(t.Draft.Opened, "anomaly", "anomalies"))
	if t.Now != nil {
		said += fmt.Sprintf(", and %d by the rule as it stands", t.Now.Opened)
	}
	if t.Draft.Already > 0 {
		said += fmt.Sprintf("; %d open already when the stretch began", t.Draft.Already)
	}
	if t.Cut != "" {
		said += "; cut: " + replayCut(t.Cut)
	}
	if t.Cold {
		said += "; there was too much to read before it, so its first window may be counted short"
	}
	_, err := fmt.Fprintln(w, said)
	return err
}

func replayed(e api.AnomalyTryEpisode) string {
	line := fmt.Sprintf("%s opened by %s %s, %s", e.OpenedAt.Format(time.RFC3339), e.KeyKind, e.Key, plural(int(e.Count), "record", "records"))
	if e.ClosedAt == nil {
		line += ", goes on"
	} else {
		line += ", over at " + e.ClosedAt.Format(time.RFC3339)
	}
	if e.Detail != "" {
		line += ", last " + e.Detail
	}
	return line
}

// replayCut says why not all of a stretch was looked at.
func replayCut(by string) string {
	switch by {
	case "records":
		return "it has too many records"
	case "bytes":
		return "its records are too long"
	}
	return "it took too long"
}
