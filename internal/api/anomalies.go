package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
)

// anomalyList is the kind of list, in its cursors.
const anomalyList = "y1"

// Anomaly is an episode of what is more than chance.
type Anomaly struct {
	ID            string     `json:"id" format:"uuid" example:"01936d2c-5f8e-7abc-9def-0123456789ab" doc:"UUIDv7: its order is the order in which episodes were opened."`
	Kind          string     `json:"kind" example:"brute_force" doc:"brute_force, privilege_escalation, path_traversal, command_injection, web_attack, suspicious_container, rate_limit_exceeded, or the id of an operator's rule."`
	KeyKind       string     `json:"key_kind" enum:"ip,subnet,user,global" doc:"Whose events were counted together. global: episodes that were too many to keep one by one."`
	Key           string     `json:"key" example:"203.0.113.9" doc:"The address (of IPv6 its /64), the network, the user; of global, the key kind of those that were too many."`
	Severity      string     `json:"severity" enum:"info,low,medium,high,critical" doc:"How bad it is."`
	SourceIP      string     `json:"source_ip" doc:"Address of the latest event that has one."`
	User          string     `json:"user" doc:"Whom the latest event that says so was about."`
	Detail        string     `json:"detail" doc:"What it was done with: the path, the input, the image, the route; escaped, cut and redacted."`
	Count         int64      `json:"count" minimum:"1" doc:"Events, those that led to the threshold included."`
	Threshold     int        `json:"threshold" doc:"Events in a window that open an episode."`
	WindowSeconds float64    `json:"window_seconds" doc:"Length of that window."`
	OpenedAt      time.Time  `json:"opened_at" doc:"When the event happened that reached the threshold."`
	SeenAt        time.Time  `json:"seen_at" doc:"The latest event."`
	ClosedAt      *time.Time `json:"closed_at" doc:"When it had been quiet for a whole window; null while it goes on."`
}

// AnomalyPage is a page of episodes.
type AnomalyPage struct {
	Items      []Anomaly `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string   `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

type listAnomaliesInput struct {
	PageQuery
	Open     Optional[bool] `query:"open" doc:"true: only those that go on. false: only those that are over."`
	Kind     []string       `query:"kind,explode" pattern:"^[a-z][a-z0-9_]{0,63}$" patternDescription:"a kind such as brute_force" nullable:"false" doc:"Only of these kinds; may repeat. The id of an operator's rule is a kind."`
	KeyKind  string         `query:"key_kind" enum:"ip,subnet,user,global" doc:"Only with such keys."`
	Key      string         `query:"key" maxLength:"256" doc:"Only of this address, network or user."`
	Severity []string       `query:"severity,explode" enum:"low,medium,high,critical" nullable:"false" doc:"Only of these severities; may repeat."`
}

type anomalyPageOutput struct{ Body AnomalyPage }

func (s *server) listAnomalies(ctx context.Context, in *listAnomaliesInput) (*anomalyPageOutput, error) {
	page, err := in.page(anomalyList)
	if err != nil {
		return nil, err
	}
	f := anomaly.Filter{Open: in.Open.pointer(), Kinds: in.Kind, KeyKind: in.KeyKind, Key: in.Key}
	if f.Severities, err = severities(in.Severity); err != nil {
		return nil, err
	}
	rows, err := s.Anomalies.ListAnomalies(ctx, f, page.After, page.Limit)
	if err != nil {
		return nil, err
	}
	rows, next := nextPage(anomalyList, in.Limit, rows, func(e anomaly.Episode) string { return e.ID })
	return &anomalyPageOutput{AnomalyPage{Items: convert(rows, anomalyOut), NextCursor: next}}, nil
}

type anomalyPath struct {
	ID string `path:"id" format:"uuid" doc:"The anomaly's id."`
}

type anomalyOutput struct{ Body Anomaly }

func (s *server) getAnomaly(ctx context.Context, in *anomalyPath) (*anomalyOutput, error) {
	e, err := s.Anomalies.Anomaly(ctx, strings.ToLower(in.ID))
	if errors.Is(err, anomaly.ErrNotFound) {
		return nil, problem(http.StatusNotFound, "there is no anomaly %s; GET /api/v1/anomalies lists all", in.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("anomaly: %w", err)
	}
	return &anomalyOutput{anomalyOut(e)}, nil
}

func anomalyOut(e anomaly.Episode) Anomaly {
	return Anomaly{
		ID: e.ID, Kind: e.Kind, KeyKind: e.KeyKind, Key: e.Key, Severity: e.Severity.String(), SourceIP: e.SourceIP, User: e.User, Detail: e.Detail,
		Count: e.Count, Threshold: e.Threshold, WindowSeconds: e.Window.Seconds(), OpenedAt: utc(e.OpenedAt), SeenAt: utc(e.SeenAt), ClosedAt: utcOrNull(e.ClosedAt),
	}
}

// anomalyRoutes lists the operations on anomalies.
func (s *server) anomalyRoutes() {
	handle(s, route{call: "GET /anomalies", gate: viewer, id: "listAnomalies", tag: "anomalies", summary: "List anomalies",
		more: "An anomaly is an episode: what one address, network or user did from the event that was too much until it was quiet for a window."}, s.listAnomalies)
	handle(s, route{call: "GET /anomalies/{id}", gate: viewer, id: "getAnomaly", tag: "anomalies", summary: "Show an anomaly", errors: []int{404}}, s.getAnomaly)
}
