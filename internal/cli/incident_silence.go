package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type incidentSilenceCmd struct {
	ID          string        `arg:"" help:"The incident's id."`
	By          string        `enum:"secret,rule" default:"secret" help:"secret: about this secret, whoever sees it. rule: about whatever this rule finds."`
	Source      []string      `help:"Only what this leak source delivers; may repeat."`
	For         time.Duration `default:"2160h" placeholder:"DURATION" help:"How long; 90d if absent, which is the most."`
	MaxSeverity string        `help:"info, low, medium, high or critical: what is worse is told all the same. Default: high."`
	DryRun      bool          `help:"Only say what it would have hidden in the last 30 days."`
	Reason      string        `help:"Why; it is told with the silence. Needed, but for a dry run."`
}

// silencedTopics are the events that a secret or a rule leads to.
func silencedTopics() []string {
	return []string{"leak.finding.detected", "leak.message.*", "egress.leak.blocked", "credential.captured", "incident.>"}
}

// silenced is what is said of a silence that was made of an incident, or would be.
type silenced struct {
	Preview api.SilencePreview `json:"preview"`
	Silence *api.Silence       `json:"silence"` // null: a dry run
}

func (c *incidentSilenceCmd) Run(ctx context.Context, s *session) error {
	switch {
	case c.For < time.Minute:
		return usageError("--for %s: give a minute or more", c.For)
	case !c.DryRun && strings.TrimSpace(c.Reason) == "":
		return usageError("--reason: say why; people will ask")
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		i, err := cl.Incident(ctx, c.ID)
		if err != nil {
			return err
		}
		r, err := c.request(i.Incident)
		if err != nil {
			return err
		}
		var out silenced
		if out.Preview, err = cl.SilencePreview(ctx, r, 0); err != nil {
			return err
		}
		if !c.DryRun {
			made, err := cl.SilenceCreate(ctx, r)
			if err != nil {
				return err
			}
			out.Silence = &made
		}
		return emit(s, out, func(w io.Writer) error { return showSilenced(sentences(w), out) })
	})
}

// request is the silence that is meant.
func (c *incidentSilenceCmd) request(i api.Incident) (api.SilenceRequest, error) {
	r := api.SilenceRequest{Topics: silencedTopics(), Sources: c.Source, MaxSeverity: c.MaxSeverity, Minutes: int(c.For / time.Minute), Reason: c.Reason}
	switch {
	case c.By == "rule" && i.Rule != "":
		r.Rules = []string{i.Rule}
	case c.By == "rule":
		return r, usageError("--by rule: no rule made incident %s", i.ID)
	case i.Fingerprint != "":
		r.Fingerprints = []string{i.Fingerprint}
	default:
		return r, usageError("incident %s is about no secret; cordon silence add takes topics", i.ID)
	}
	return r, nil
}

func showSilenced(w io.Writer, out silenced) error {
	p, more := out.Preview, ""
	if !p.Complete {
		more = " and more before"
	}
	_, err := fmt.Fprintf(w, "since %s it would have hidden %s%s, which tell of %s; %s of the same kind told all the same\n", p.Since.Local().Format(time.DateOnly),
		plural(p.Hidden, "event", "events"), more, plural(p.Incidents, "incident", "incidents"), plural(p.Told, "event is", "events are"))
	if err != nil || out.Silence == nil {
		return err
	}
	_, err = fmt.Fprintf(w, "silence %s until %s; cordon silence end takes it back\n", out.Silence.ID, out.Silence.Until.Local().Format(time.DateTime))
	return err
}
