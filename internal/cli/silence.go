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

type silenceCmd struct {
	List silenceListCmd `cmd:"" help:"List the silences in force."`
	Add  silenceAddCmd  `cmd:"" help:"Silence webhooks for a while; that you do is told to everybody."`
	End  silenceEndCmd  `cmd:"" help:"End a silence early."`
}

type silenceListCmd struct {
	All   bool `help:"Also those that are over."`
	Limit int  `default:"50" help:"At most this many."`
}

func (c *silenceListCmd) Run(ctx context.Context, s *session) error {
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Silence, *string, error) {
		p, err := cl.Silences(ctx, size, cursor)
		return c.wanted(p.Items), p.NextCursor, err
	}, silenceTable)
}

func (c *silenceListCmd) wanted(items []api.Silence) []api.Silence {
	if c.All {
		return items
	}
	var active []api.Silence
	for _, i := range items {
		if i.Active {
			active = append(active, i)
		}
	}
	return active
}

func silenceTable(w io.Writer, items []api.Silence) error {
	header := []string{"ID", "UNTIL", "UP TO", "WEBHOOKS", "TOPICS", "BY", "REASON"}
	return tableOf(w, "nothing is silenced", header, items, func(i api.Silence) []string {
		return []string{i.ID, silenceEnd(i), i.MaxSeverity, orAll(i.Webhooks), strings.Join(i.Topics, " "), i.By, i.Reason}
	})
}

func silenceEnd(i api.Silence) string {
	if i.EndedAt != nil {
		return "ended by " + i.EndedBy
	}
	return i.Until.Local().Format(time.DateTime)
}

func orAll(names []string) string {
	if len(names) == 0 {
		return "all"
	}
	return strings.Join(names, " ")
}

type silenceAddCmd struct {
	Topic       []string      `required:"" help:"A pattern such as leak.message.*; may repeat."`
	For         time.Duration `required:"" placeholder:"DURATION" help:"How long, such as 2h; at most 90d."`
	Webhook     []string      `help:"Only of this webhook; may repeat. Default: all."`
	Rule        []string      `help:"Only events that name this rule; may repeat."`
	Source      []string      `help:"Only events that name this leak source; may repeat."`
	Fingerprint []string      `help:"Only events about this secret; may repeat."`
	MaxSeverity string        `help:"info, low, medium, high or critical: what is worse is told all the same. Default: high."`
	Reason      string        `required:"" help:"Why; it is told with the silence."`
}

func (c *silenceAddCmd) Run(ctx context.Context, s *session) error {
	if c.For < time.Minute {
		return usageError("--for %s: give a minute or more", c.For)
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		made, err := cl.SilenceCreate(ctx, api.SilenceRequest{
			Topics: c.Topic, Webhooks: c.Webhook, Rules: c.Rule, Sources: c.Source, Fingerprints: c.Fingerprint, MaxSeverity: c.MaxSeverity,
			Minutes: int(c.For / time.Minute), Reason: c.Reason,
		})
		if err != nil {
			return err
		}
		return emit(s, made, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "silence %s of %s webhooks until %s\n", made.ID, orAll(made.Webhooks), made.Until.Local().Format(time.DateTime))
			return err
		})
	})
}

type silenceEndCmd struct {
	ID string `arg:"" help:"The silence's id."`
	reasonFlag
}

func (c *silenceEndCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		ended, err := cl.SilenceEnd(ctx, c.ID, api.SilenceEnd{Reason: c.Reason})
		if err != nil {
			return err
		}
		return emit(s, ended, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "silence %s is over\n", ended.ID)
			return err
		})
	})
}
