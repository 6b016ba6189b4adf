package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type incidentCmd struct {
	List    incidentListCmd    `cmd:"" help:"List incidents, the gravest first: the open ones, unless told otherwise."`
	Show    incidentShowCmd    `cmd:"" help:"Show one incident with its timeline."`
	Ack     incidentAckCmd     `cmd:"" help:"Take an incident on."`
	Resolve incidentResolveCmd `cmd:"" help:"Close an incident that is over. It opens again when it is seen again."`
	Ignore  incidentIgnoreCmd  `cmd:"" help:"Close an incident that is none, for good."`
	Reopen  incidentReopenCmd  `cmd:"" help:"Open an incident again, or give it back."`
	Assign  incidentAssignCmd  `cmd:"" help:"Give an incident to somebody."`
	Note    incidentNoteCmd    `cmd:"" help:"Write something into an incident's timeline."`
	Snooze  incidentSnoozeCmd  `cmd:"" help:"Put an incident aside for a time, or until it gets graver."`
	Wake    incidentWakeCmd    `cmd:"" help:"Take up an incident again that was put aside."`
	Silence incidentSilenceCmd `cmd:"" help:"Keep webhooks quiet about what made an incident; says first what that would have hidden."`
	Undo    incidentUndoCmd    `cmd:"" help:"Take back what you did last to an incident: it is what it was, owner and all."`
	Merge   incidentMergeCmd   `cmd:"" help:"Make an incident part of another, which is worked on from then on."`
	Split   incidentSplitCmd   `cmd:"" help:"Give back what was merged: an incident of its own again."`
}

type incidentListCmd struct {
	State    []string `enum:"triggered,acknowledged,resolved,ignored" help:"Only in these states; without it those that are open."`
	All      bool     `help:"In every state."`
	Severity []string `enum:"info,low,medium,high,critical" help:"Only of these severities."`
	Assignee string   `help:"Only of this person; @me: yours."`
	Snoozed  bool     `help:"Only those that are put aside, which are left out otherwise."`
	Sort     string   `enum:"gravest,newest" default:"gravest" help:"gravest: open before closed, then by severity; newest: by when they were opened."`
	Limit    int      `default:"50" help:"At most this many."`
}

func (c *incidentListCmd) Run(ctx context.Context, s *session) error {
	q := client.IncidentQuery{States: c.State, Severities: c.Severity, Assignee: c.Assignee, Sort: c.Sort}
	if len(q.States) == 0 && !c.All {
		q.States, q.Snoozed = []string{"triggered", "acknowledged"}, strconv.FormatBool(c.Snoozed)
	}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Incident, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.Incidents(ctx, q)
		return p.Items, p.NextCursor, err
	}, func(w io.Writer, items []api.Incident) error {
		return incidentTable(w, items, !c.All && len(c.State) == 0)
	})
}

func incidentTable(w io.Writer, items []api.Incident, open bool) error {
	none := "no incidents"
	if open {
		none = "no open incidents"
	}
	header := []string{"ID", "LAST SEEN", "SEVERITY", "STATE", "SEEN BY", "TIMES", "ASSIGNEE", "TITLE"}
	return tableOf(w, none, header, items, func(i api.Incident) []string {
		return []string{
			i.ID, i.SeenAt.Local().Format(time.DateTime), i.Severity, incidentState(i), strings.Join(i.Sensors, "+"), strconv.Itoa(i.Observations), i.Assignee, i.Title,
		}
	})
}

func incidentState(i api.Incident) string {
	words := []string{}
	if i.Regressed && i.ClosedAt == nil {
		words = append(words, "came back")
	}
	if until := i.SnoozedUntil; until != nil && until.After(time.Now()) {
		words = append(words, "snoozed until "+until.Local().Format(time.DateTime))
	}
	if len(words) == 0 {
		return i.State
	}
	return i.State + " (" + strings.Join(words, ", ") + ")"
}

type incidentShowCmd struct {
	ID string `arg:"" help:"The incident's id."`
}

func (c *incidentShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		i, err := cl.Incident(ctx, c.ID)
		if err != nil {
			return err
		}
		return emit(s, i, func(w io.Writer) error { return showIncident(sentences(w), i) })
	})
}

func showIncident(w io.Writer, i api.IncidentDetail) error {
	facts := [][2]string{
		{"title", i.Title}, {"severity", i.Severity}, {"state", incidentState(i.Incident)}, {"reason", i.Reason}, {"assignee", i.Assignee},
		{"seen by", strings.Join(i.Sensors, ", ")}, {"times", strconv.Itoa(i.Observations)}, {"opened", localTime(i.OpenedAt)},
		{"last seen", localTime(i.SeenAt)}, {"secret", secretFacts(i.Incident)}, {i.KeyKind, keyOf(i.Incident)}, {"fingerprint", i.Fingerprint},
		{"program", i.Program}, {"source ip", i.SourceIP}, {"part of", partOf(i.Incident)}, {"merged", strings.Join(i.Merged, " ")},
	}
	for _, f := range facts {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-12s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	if err := showBrief(w, i.Brief); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, "\nTimeline"); err != nil {
		return err
	}
	return showTimeline(w, i)
}

// showBrief writes what is asked first of an incident, in the order in which it is asked.
func showBrief(w io.Writer, b api.IncidentBrief) error {
	var out strings.Builder
	fmt.Fprintf(&out, "\nWhat happened\n  %s\n", oneLine(b.Happened))
	for _, part := range []struct {
		title string
		lines []string
	}{{"What got out", b.Got}, {"What was done", b.Done}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(&out, "\n%s\n", part.title)
		}
		for _, line := range part.lines {
			fmt.Fprintf(&out, "  %s\n", oneLine(line))
		}
	}
	for k, s := range b.Next {
		if k == 0 {
			out.WriteString("\nWhat to do now\n")
		}
		fmt.Fprintf(&out, "  %d. %s\n", k+1, oneLine(s.Words))
		if s.Command != "" {
			fmt.Fprintf(&out, "     %s\n", oneLine(s.Command))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// secretFacts is what is known of a secret.
func secretFacts(i api.Incident) string {
	if i.Fingerprint == "" {
		return ""
	}
	return strings.TrimSpace(i.Redacted + "  rule " + i.Rule)
}

// keyOf is what all of an incident is about, if that is no secret.
func keyOf(i api.Incident) string {
	if i.Fingerprint != "" {
		return ""
	}
	return i.Key
}

// partOf says which incident one was merged into.
func partOf(i api.Incident) string {
	if i.MergedInto == nil {
		return ""
	}
	return *i.MergedInto
}

// actOn does something with an incident, and says how it is now.
func (s *session) actOn(ctx context.Context, id string, a api.IncidentAct) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		i, err := cl.IncidentAct(ctx, id, a)
		if err != nil {
			return err
		}
		return emit(s, i, func(w io.Writer) error {
			line := i.ID + " is " + incidentState(i)
			if into := partOf(i); into != "" {
				line += ", part of " + into
			}
			if i.Assignee != "" {
				line += ", assigned to " + i.Assignee
			}
			_, err := fmt.Fprintln(w, oneLine(line))
			return err
		})
	})
}

type incidentAckCmd struct {
	ID string `arg:"" help:"The incident's id."`
}

func (c *incidentAckCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "acknowledge"})
}

type incidentResolveCmd struct {
	ID     string `arg:"" help:"The incident's id."`
	Reason string `arg:"" help:"What was done; it is kept."`
}

func (c *incidentResolveCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "resolve", Reason: c.Reason})
}

type incidentIgnoreCmd struct {
	ID     string `arg:"" help:"The incident's id."`
	Reason string `arg:"" help:"Why it is none; it is kept."`
}

func (c *incidentIgnoreCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "ignore", Reason: c.Reason})
}

type incidentReopenCmd struct {
	ID     string `arg:"" help:"The incident's id."`
	Reason string `arg:"" optional:"" help:"Why; it is kept."`
}

func (c *incidentReopenCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "reopen", Reason: c.Reason})
}

type incidentAssignCmd struct {
	ID       string `arg:"" help:"The incident's id."`
	Assignee string `arg:"" optional:"" help:"To whom; left out: to nobody."`
}

func (c *incidentAssignCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "assign", Assignee: c.Assignee})
}

type incidentNoteCmd struct {
	ID   string `arg:"" help:"The incident's id."`
	Text string `arg:"" help:"The note."`
}

func (c *incidentNoteCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "note", Reason: c.Text})
}

type incidentSnoozeCmd struct {
	ID     string        `arg:"" help:"The incident's id."`
	For    time.Duration `arg:"" help:"How long, such as 8h; 90d at most."`
	Reason string        `arg:"" optional:"" help:"Why; it is kept."`
}

func (c *incidentSnoozeCmd) Run(ctx context.Context, s *session) error {
	until := time.Now().Add(c.For).UTC()
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "snooze", Until: &until, Reason: c.Reason})
}

type incidentWakeCmd struct {
	ID string `arg:"" help:"The incident's id."`
}

func (c *incidentWakeCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "wake"})
}

type incidentUndoCmd struct {
	ID     string `arg:"" help:"The incident's id."`
	Reason string `arg:"" optional:"" help:"Why; it is kept."`
}

func (c *incidentUndoCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "undo", Reason: c.Reason})
}

type incidentMergeCmd struct {
	ID   string `arg:"" help:"The incident's id."`
	Into string `arg:"" help:"The other's id."`

	Reason string `arg:"" optional:"" help:"Why; it is kept."`
}

func (c *incidentMergeCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "merge", Into: c.Into, Reason: c.Reason})
}

type incidentSplitCmd struct {
	ID     string `arg:"" help:"The id of the incident that was merged into another."`
	Reason string `arg:"" optional:"" help:"Why; it is kept."`
}

func (c *incidentSplitCmd) Run(ctx context.Context, s *session) error {
	return s.actOn(ctx, c.ID, api.IncidentAct{Action: "split", Reason: c.Reason})
}
