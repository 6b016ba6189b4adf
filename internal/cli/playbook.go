package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

type playbookCmd struct {
	List    playbookListCmd    `cmd:"" help:"List the playbooks in force."`
	Actions playbookActionsCmd `cmd:"" help:"List what playbooks wanted done, newest first."`
	Test    playbookTestCmd    `cmd:"" help:"Check a file of playbooks, and say what they would do about events."`
	Approve playbookApproveCmd `cmd:"" help:"Let a playbook do what it asks for."`
	Reject  playbookRejectCmd  `cmd:"" help:"Refuse what a playbook asks for."`
	Undo    playbookUndoCmd    `cmd:"" help:"Take back what a playbook did."`
}

type playbookListCmd struct{}

func (c *playbookListCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		all, err := cl.Playbooks(ctx)
		if err != nil {
			return err
		}
		return emitList(s, all, func(w io.Writer) error { return playbookTable(w, all) })
	})
}

func playbookTable(w io.Writer, all []api.Playbook) error {
	header := []string{"ID", "MODE", "DOES", "PER HOUR", "DROPPED", "TOPICS", "WHEN"}
	return tableOf(w, "no playbooks; respond.playbooks of the configuration names their files", header, all, func(p api.Playbook) []string {
		return []string{p.ID, p.Mode, strings.Join(p.Does, " "), strconv.Itoa(p.PerHour), strconv.FormatInt(p.Dropped, 10), strings.Join(p.Topics, " "), p.When}
	})
}

type playbookActionsCmd struct {
	State    string `enum:",dry_run,pending,due,done,failed,rejected,expired,undone" default:"" help:"Only in this state: dry_run, pending, due, done, failed, rejected, expired or undone."`
	Playbook string `help:"Only of this playbook."`
	Limit    int    `default:"50" help:"At most this many."`
}

func (c *playbookActionsCmd) Run(ctx context.Context, s *session) error {
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Action, *string, error) {
		p, err := cl.PlaybookActions(ctx, client.ActionQuery{State: c.State, Playbook: c.Playbook, Limit: size, Cursor: cursor})
		return p.Items, p.NextCursor, err
	}, actionTable)
}

func actionTable(w io.Writer, items []api.Action) error {
	header := []string{"ID", "ASKED", "STATE", "PLAYBOOK", "WHAT", "ABOUT", "RESULT"}
	return tableOf(w, "no actions", header, items, func(a api.Action) []string {
		return []string{a.ID, a.CreatedAt.Local().Format(time.DateTime), a.State, a.Playbook, actionText(a), a.EventTopic, a.Result}
	})
}

func actionText(a api.Action) string {
	return playbook.Action{Kind: playbook.Kind(a.Kind), Target: a.Target, For: time.Duration(a.Minutes) * time.Minute, Text: a.Message}.String()
}

type playbookApproveCmd struct {
	ID     string `arg:"" help:"The action's id."`
	Reason string `required:"" help:"Why; it is told and kept in the audit log."`
}

func (c *playbookApproveCmd) Run(ctx context.Context, s *session) error {
	return decideAction(ctx, s, c.ID, true, c.Reason)
}

type playbookRejectCmd struct {
	ID     string `arg:"" help:"The action's id."`
	Reason string `required:"" help:"Why; it is told and kept in the audit log."`
}

func (c *playbookRejectCmd) Run(ctx context.Context, s *session) error {
	return decideAction(ctx, s, c.ID, false, c.Reason)
}

type playbookUndoCmd struct {
	ID     string `arg:"" help:"The action's id."`
	Reason string `required:"" help:"Why; it is told and kept in the audit log."`
}

func (c *playbookUndoCmd) Run(ctx context.Context, s *session) error {
	return changeAction(ctx, s, func(cl *client.Client) (api.Action, error) {
		return cl.ActionUndo(ctx, c.ID, api.ActionDecision{Reason: c.Reason})
	})
}

func decideAction(ctx context.Context, s *session, id string, approve bool, reason string) error {
	return changeAction(ctx, s, func(cl *client.Client) (api.Action, error) {
		return cl.ActionDecide(ctx, id, approve, api.ActionDecision{Reason: reason})
	})
}

func changeAction(ctx context.Context, s *session, change func(*client.Client) (api.Action, error)) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		a, err := change(cl)
		if err != nil {
			return err
		}
		return emit(s, a, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s of playbook %s is %s%s\n", actionText(a), a.Playbook, a.State, stillSo(a))
			return err
		})
	})
}

// stillSo says what holds although an action was undone.
func stillSo(a api.Action) string {
	if a.State == "undone" && strings.HasPrefix(a.Result, "still ") {
		return "; " + a.Result
	}
	return ""
}

type playbookTestCmd struct {
	File   string `arg:"" help:"The file of playbooks."`
	Events string `placeholder:"FILE" help:"Events to try them on, one JSON object a line. Default: the examples of the event catalogue."`
}

// trial is one line of what a test says.
type trial struct {
	Playbook string   `json:"playbook"`
	Mode     string   `json:"mode"`
	Topic    string   `json:"topic"`
	EventID  string   `json:"event_id"`
	Actions  []string `json:"actions"`
	Problem  string   `json:"problem,omitempty"`
}

func (c *playbookTestCmd) Run(_ context.Context, s *session) error {
	all, err := readPlaybooks(c.File)
	if err != nil {
		return usageError("%s: %v", c.File, err)
	}
	events, err := playbook.Examples()
	if c.Events != "" {
		events, err = readEvents(c.Events)
	}
	if err != nil {
		return usageError("%v", err)
	}
	var rows []trial
	for _, t := range playbook.Try(all, events) {
		r := trial{Playbook: t.Playbook, Mode: string(t.Mode), Topic: t.Topic, EventID: t.EventID, Actions: []string{}, Problem: t.Problem}
		for _, a := range t.Actions {
			r.Actions = append(r.Actions, a.String())
		}
		rows = append(rows, r)
	}
	return emitList(s, rows, func(w io.Writer) error { return showTrials(w, rows, len(all), len(events)) })
}

func showTrials(w io.Writer, rows []trial, playbooks, events int) error {
	for _, r := range rows {
		what := strings.Join(r.Actions, "; ")
		if r.Problem != "" {
			what = "cannot judge it: " + r.Problem
		}
		if _, err := fmt.Fprintf(w, "%s (%s) on %s: %s\n", r.Playbook, r.Mode, r.Topic, oneLine(what)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s, %s tried: %s\n", plural(playbooks, "playbook", "playbooks"), plural(events, "event", "events"), plural(len(rows), "answer", "answers"))
	return err
}

func readPlaybooks(file string) ([]*playbook.Playbook, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, playbook.MaxDocument+1))
	if err != nil {
		return nil, err
	}
	return playbook.Parse(b)
}

// maxEventLine bounds one event of a file, in bytes.
const maxEventLine = 1 << 20

func readEvents(file string) ([]event.Event, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var out []event.Event
	in := bufio.NewScanner(f)
	in.Buffer(nil, maxEventLine)
	for line := 1; in.Scan(); line++ {
		if strings.TrimSpace(in.Text()) == "" {
			continue
		}
		var e event.Event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s, line %d: it is no event: %w", file, line, err)
		}
		out = append(out, e)
	}
	return out, in.Err()
}
