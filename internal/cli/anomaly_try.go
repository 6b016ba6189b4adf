package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

type anomalyTryCmd struct {
	Rules  string `arg:"" help:"The file of rules."`
	Events string `arg:"" optional:"" help:"Records to try them on, one JSON object a line, as POST /api/v1/events takes them. Absent: the file is checked only."`
}

// anomalyTrial is one line of what a test says.
type anomalyTrial struct {
	Rule     string    `json:"rule"`
	State    string    `json:"state"`
	At       time.Time `json:"at"`
	Severity string    `json:"severity"`
	KeyKind  string    `json:"key_kind"`
	Key      string    `json:"key"`
	Count    int64     `json:"count"`
	Detail   string    `json:"detail"`
}

func (c *anomalyTryCmd) Run(_ context.Context, s *session) error {
	rules, err := readAnomalyRules(c.Rules)
	if err != nil {
		return usageError("%s: %v", c.Rules, err)
	}
	var records []event.SecurityRecord
	if c.Events != "" {
		if records, err = readRecords(c.Events); err != nil {
			return usageError("%v", err)
		}
	}
	said, err := anomaly.Try(rules, records)
	if err != nil {
		return err
	}
	rows := make([]anomalyTrial, len(said))
	for k, t := range said {
		e := t.Episode
		rows[k] = anomalyTrial{e.Kind, t.State, t.At, e.Severity.String(), e.KeyKind, e.Key, e.Count, e.Detail}
	}
	return emitList(s, rows, func(w io.Writer) error { return showAnomalyTrials(w, rows, len(rules), len(records)) })
}

func showAnomalyTrials(w io.Writer, rows []anomalyTrial, rules, records int) error {
	opened := 0
	for _, r := range rows {
		if r.State == event.AnomalyOpened {
			opened++
		}
		line := fmt.Sprintf("%s %s %s (%s) by %s %s, %s", r.At.Format(time.RFC3339), r.Rule, r.State, r.Severity, r.KeyKind, r.Key, plural(int(r.Count), "event", "events"))
		if r.Detail != "" {
			line += ", last " + r.Detail
		}
		if _, err := fmt.Fprintln(w, oneLine(line)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s, %s tried: %s\n", plural(rules, "rule", "rules"), plural(records, "record", "records"), plural(opened, "anomaly", "anomalies"))
	return err
}

func readAnomalyRules(file string) ([]*rule.Rule, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, rule.MaxDocument+1))
	if err != nil {
		return nil, err
	}
	return rule.Parse(b, anomaly.Kinds())
}

// readRecords reads records of a file, one a line.
func readRecords(file string) ([]event.SecurityRecord, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	all, err := anomaly.ReadRecords(f)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", file, err)
	}
	return all, nil
}
