package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type anomalyCmd struct {
	List  anomalyListCmd  `cmd:"" help:"List anomalies, newest first."`
	Show  anomalyShowCmd  `cmd:"" help:"Show one anomaly."`
	Test  anomalyTryCmd   `cmd:"" help:"Check a file of rules, and say which anomalies records would open."`
	Rules anomalyRulesCmd `cmd:"" help:"List the anomaly rules, or show one with its history."`
	Rule  anomalyRuleCmd  `cmd:"" help:"Add, change, switch, remove and replay anomaly rules."`
}

type anomalyListCmd struct {
	Open     bool     `xor:"state" help:"Only those that go on."`
	Over     bool     `xor:"state" help:"Only those that are over."`
	Kind     []string `help:"Only of these kinds: brute_force, privilege_escalation, path_traversal, command_injection, web_attack, suspicious_container, rate_limit_exceeded, or the id of a rule."`
	KeyKind  string   `enum:",ip,subnet,user,global" default:"" help:"Only with such keys: ip, subnet, user, global."`
	Key      string   `help:"Only of this address, network or user."`
	Severity []string `enum:"low,medium,high,critical" help:"Only of these severities."`
	Limit    int      `default:"50" help:"At most this many."`
}

func (c *anomalyListCmd) Run(ctx context.Context, s *session) error {
	q := client.AnomalyQuery{Kinds: c.Kind, KeyKind: c.KeyKind, Key: c.Key, Severities: c.Severity}
	if c.Open || c.Over {
		q.Open = strconv.FormatBool(c.Open)
	}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Anomaly, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.Anomalies(ctx, q)
		return p.Items, p.NextCursor, err
	}, anomalyTable)
}

func anomalyTable(w io.Writer, items []api.Anomaly) error {
	header := []string{"ID", "OPENED", "SEVERITY", "KIND", "BY", "KEY", "EVENTS", "STATE"}
	return tableOf(w, "no anomalies", header, items, func(a api.Anomaly) []string {
		return []string{a.ID, a.OpenedAt.Local().Format(time.DateTime), a.Severity, a.Kind, a.KeyKind, a.Key, strconv.FormatInt(a.Count, 10), anomalyState(a)}
	})
}

func anomalyState(a api.Anomaly) string {
	if a.ClosedAt == nil {
		return "goes on"
	}
	return "over since " + a.ClosedAt.Local().Format(time.DateTime)
}

type anomalyShowCmd struct {
	ID string `arg:"" help:"The anomaly's id."`
}

func (c *anomalyShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		a, err := cl.Anomaly(ctx, c.ID)
		if err != nil {
			return err
		}
		return emit(s, a, func(w io.Writer) error { return showAnomaly(sentences(w), a) })
	})
}

func showAnomaly(w io.Writer, a api.Anomaly) error {
	for _, f := range [][2]string{
		{"kind", a.Kind}, {"severity", a.Severity}, {"by", a.KeyKind + " " + a.Key}, {"state", anomalyState(a)},
		{"events", fmt.Sprintf("%d; %d in %s are too many", a.Count, a.Threshold, time.Duration(a.WindowSeconds*float64(time.Second)))},
		{"opened", localTime(a.OpenedAt)}, {"last event", localTime(a.SeenAt)},
		{"source ip", a.SourceIP}, {"user", a.User}, {"detail", a.Detail},
	} {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-12s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	return nil
}
