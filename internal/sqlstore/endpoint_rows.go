package sqlstore

import (
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/watch"
	"go.cordon.dev/cordon/internal/event"
)

// endpointRow is a row of the table egress_endpoints.
type endpointRow struct {
	bun.BaseModel `bun:"table:egress_endpoints"`

	ID           string     `bun:"id,pk"`
	Identity     string     `bun:"identity"`
	Node         string     `bun:"node"`
	Standing     string     `bun:"standing"`
	Program      string     `bun:"program"`
	ExeKey       string     `bun:"exe_key"`
	Host         string     `bun:"host"`
	HostKey      string     `bun:"host_key"`
	Port         int        `bun:"port"`
	Address      string     `bun:"address"`
	Protocol     string     `bun:"protocol"`
	FirstSeen    time.Time  `bun:"first_seen"`
	LastSeen     time.Time  `bun:"last_seen"`
	Allowed      int64      `bun:"allowed"`
	Denied       int64      `bun:"denied"`
	BytesOut     int64      `bun:"bytes_out"`
	BytesIn      int64      `bun:"bytes_in"`
	LastDecision string     `bun:"last_decision"`
	LastReason   string     `bun:"last_reason"`
	LastRule     string     `bun:"last_rule"`
	Verdict      string     `bun:"verdict"`
	Note         string     `bun:"note"`
	ReviewedBy   string     `bun:"reviewed_by"`
	ReviewedAt   *time.Time `bun:"reviewed_at"`

	seq   uint64                  // of the first decision, which orders new ones
	first event.EndpointFirstSeen // what a new one's event says
}

// newEndpointRow is an endpoint as its first decision shows it.
func newEndpointRow(key string, d archive.Decision) *endpointRow {
	return &endpointRow{
		ID: text(d.ID), Identity: key, Node: keyText(d.Node), Standing: standsDenied, Program: text(d.Exe), ExeKey: keyText(d.Exe),
		Host: text(d.Host), HostKey: keyText(d.Host), Port: int(d.Port), Address: keyText(d.Address), Protocol: keyText(d.Protocol),
		FirstSeen: stamp(d.Time), LastSeen: stamp(d.Time), seq: d.Seq,
		first: event.EndpointFirstSeen{
			EndpointID: d.ID, Program: d.Exe, Host: d.Host, Port: d.Port, Address: d.Address, Protocol: d.Protocol, Decision: d.Line.Decision,
			Rule: d.Rule, Reason: d.Reason, DecisionID: d.ID, Flow: d.Flow, OccurredAt: d.Time,
		},
	}
}

func (r endpointRow) value() watch.Endpoint {
	e := watch.Endpoint{
		ID: r.ID, Node: r.Node, Program: r.Program, Host: r.Host, Port: uint16(r.Port), Address: r.Address, Protocol: r.Protocol,
		FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(), Allowed: r.Allowed, Denied: r.Denied, BytesOut: r.BytesOut, BytesIn: r.BytesIn,
		LastDecision: r.LastDecision, LastReason: r.LastReason, LastRule: r.LastRule,
	}
	if r.ReviewedAt != nil {
		e.Review = &watch.Review{Verdict: watch.Verdict(r.Verdict), Note: r.Note, By: r.ReviewedBy, At: r.ReviewedAt.UTC()}
	}
	return e
}

// foldRow counts the endpoints of a node that made way for newer ones.
type foldRow struct {
	bun.BaseModel `bun:"table:egress_folds"`

	Node      string    `bun:"node,pk"`
	Endpoints int64     `bun:"endpoints"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// baselineRow is what is usual for a program and a host.
type baselineRow struct {
	bun.BaseModel `bun:"table:egress_baselines"`

	ID        string    `bun:"id,pk"`
	Node      string    `bun:"node"`
	Program   string    `bun:"program"`
	Host      string    `bun:"host"`
	State     []byte    `bun:"state"`
	UpdatedAt time.Time `bun:"updated_at"`
}
