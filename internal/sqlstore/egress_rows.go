package sqlstore

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/ledger"
)

// decisionRow is a row of the table egress_decisions.
type decisionRow struct {
	bun.BaseModel `bun:"table:egress_decisions"`

	ID         string     `bun:"id,pk"`
	Seq        int64      `bun:"seq"`
	Node       string     `bun:"node"`
	Flow       string     `bun:"flow"`
	DecidedAt  time.Time  `bun:"decided_at"`
	Decision   string     `bun:"decision"`
	Rule       string     `bun:"rule"`
	Reason     string     `bun:"reason"`
	Detail     string     `bun:"detail"`
	Would      string     `bun:"would"`
	Entrance   string     `bun:"entrance"`
	Client     string     `bun:"client"`
	Host       string     `bun:"host"`
	HostKey    string     `bun:"host_key"`
	Port       int        `bun:"port"`
	Address    string     `bun:"address"`
	Protocol   string     `bun:"protocol"`
	Method     string     `bun:"method"`
	URL        string     `bun:"url"`
	BytesOut   int64      `bun:"bytes_out"`
	BytesIn    int64      `bun:"bytes_in"`
	EndedAt    *time.Time `bun:"ended_at"`
	Cut        string     `bun:"cut"`
	PID        int        `bun:"pid"`
	Exe        string     `bun:"exe"`
	ExeKey     string     `bun:"exe_key"`
	Cmdline    string     `bun:"cmdline"`
	SourceFile string     `bun:"source_file"`
	SourceLine int        `bun:"source_line"`
	Function   string     `bun:"func_name"`
	Findings   string     `bun:"findings"` // a JSON list
	Holds      string     `bun:"holds"`    // holdsSecrets when that list is not empty
}

func newDecisionRow(d archive.Decision) (decisionRow, error) {
	findings, err := json.Marshal(d.Findings)
	if err != nil {
		return decisionRow{}, fmt.Errorf("encoding findings of decision %s: %w", d.ID, err)
	}
	return decisionRow{
		ID: text(d.ID), Seq: int64(d.Seq), Node: keyText(d.Node), Flow: flowKey(d.Flow), DecidedAt: stamp(d.Time), Decision: keyText(d.Decision),
		Rule: keyText(d.Rule), Reason: keyText(d.Reason), Detail: text(d.Detail), Would: keyText(d.Would), Entrance: keyText(d.Entrance),
		Client: keyText(d.Client), Host: text(d.Host), HostKey: keyText(d.Host), Port: int(d.Port), Address: keyText(d.Address),
		Protocol: keyText(d.Protocol), Method: keyText(d.Method), URL: text(d.URL), BytesOut: d.BytesOut, BytesIn: d.BytesIn,
		EndedAt: stampOrNil(d.EndedAt), Cut: text(d.Cut), PID: d.PID, Exe: text(d.Exe), ExeKey: keyText(d.Exe), Cmdline: text(d.Cmdline),
		SourceFile: text(d.SourceFile), SourceLine: d.SourceLine, Function: text(d.Function), Findings: text(string(findings)),
		Holds: holds(len(d.Findings) > 0),
	}, nil
}

// holdsSecrets is what the column holds says of a decision with findings.
const holdsSecrets = "secrets"

func holds(findings bool) string {
	if findings {
		return holdsSecrets
	}
	return ""
}

func (r decisionRow) value() (archive.Decision, error) {
	d := archive.Decision{Node: r.Node, EndedAt: utc(r.EndedAt), Line: ledger.Line{Seq: uint64(r.Seq), ID: r.ID, Entry: ledger.Entry{
		Kind: ledger.Decision, Flow: r.Flow, Time: r.DecidedAt.UTC(), Decision: r.Decision, Rule: r.Rule, Reason: r.Reason, Detail: r.Detail,
		Would: r.Would, Entrance: r.Entrance, Client: r.Client, Host: r.Host, Port: uint16(r.Port), Address: r.Address, Protocol: r.Protocol,
		Method: r.Method, URL: r.URL, BytesOut: r.BytesOut, BytesIn: r.BytesIn, Cut: r.Cut, PID: r.PID, Exe: r.Exe, Cmdline: r.Cmdline,
		SourceFile: r.SourceFile, SourceLine: r.SourceLine, Function: r.Function,
	}}}
	if err := json.Unmarshal([]byte(r.Findings), &d.Findings); err != nil {
		return archive.Decision{}, fmt.Errorf("decoding decision %s: %w", r.ID, err)
	}
	return d, nil
}

// logRow is how far a node's ledger was stored.
type logRow struct {
	bun.BaseModel `bun:"table:egress_logs"`

	ID        string    `bun:"id,pk"`
	Node      string    `bun:"node"`
	Dir       string    `bun:"dir"`
	Seq       int64     `bun:"seq"`
	Hash      string    `bun:"hash"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// destinationRow is what is known of a host.
type destinationRow struct {
	bun.BaseModel `bun:"table:egress_destinations"`

	Host         string    `bun:"host_key,pk"`
	Allowed      int64     `bun:"allowed"`
	Denied       int64     `bun:"denied"`
	BytesOut     int64     `bun:"bytes_out"`
	BytesIn      int64     `bun:"bytes_in"`
	FirstSeen    time.Time `bun:"first_seen"`
	LastSeen     time.Time `bun:"last_seen"`
	LastDecision string    `bun:"last_decision"`
	LastReason   string    `bun:"last_reason"`
}

// egressDayRow is how often something was decided on a day.
type egressDayRow struct {
	bun.BaseModel `bun:"table:egress_days"`

	Day      string `bun:"day,pk"`
	Decision string `bun:"decision,pk"`
	Reason   string `bun:"reason,pk"`
	Total    int64  `bun:"total"`
}

// policyRow is a version of a node's policy.
type policyRow struct {
	bun.BaseModel `bun:"table:egress_policies"`

	Node      string    `bun:"node,pk"`
	Version   int64     `bun:"version,pk"`
	Document  string    `bun:"document"`
	Hash      string    `bun:"hash"`
	Author    string    `bun:"author"`
	Reason    string    `bun:"reason"`
	Origin    string    `bun:"origin"`
	CreatedAt time.Time `bun:"created_at"`
}

// switchRow is how a node's kill switch was last turned by an operator.
type switchRow struct {
	bun.BaseModel `bun:"table:egress_switches"`

	Node      string    `bun:"node,pk"`
	Active    bool      `bun:"active"`
	Reason    string    `bun:"reason"`
	ChangedBy string    `bun:"changed_by"`
	Since     time.Time `bun:"since"`
}

// maxKey is what a column of kind {key} holds, in characters.
const maxKey = 191

// keyText is text that fits a key: the rest of a longer one is left out.
func keyText(s string) string {
	s = text(s)
	if len(s) <= maxKey {
		return s
	}
	runes := []rune(s)
	return string(runes[:min(len(runes), maxKey)])
}

// flowKey is a flow's id, which is a UUID; whatever else is hashed to fit.
func flowKey(flow string) string {
	if len(flow) <= 64 {
		return text(flow)
	}
	return identity(flow)
}
