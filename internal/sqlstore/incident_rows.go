package sqlstore

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
)

type incidentRow struct {
	bun.BaseModel `bun:"table:incidents"`

	ID           string     `bun:"id,pk"`
	JoinKey      string     `bun:"join_key"`
	KeyKind      string     `bun:"key_kind"`
	KeyValue     string     `bun:"key_value"`
	Title        string     `bun:"title"`
	Severity     int        `bun:"severity"`
	State        string     `bun:"state"`
	Join         string     `bun:"joined_by"`
	Sensors      string     `bun:"sensors"` // with spaces between them
	Observations int64      `bun:"observations"`
	Entries      int64      `bun:"entries"` // lines of the timeline
	Regressed    bool       `bun:"regressed"`
	Rule         string     `bun:"rule"`
	SecretType   string     `bun:"secret_type"`
	Redacted     string     `bun:"redacted"`
	SourceIP     string     `bun:"source_ip"`
	Program      string     `bun:"program"`
	Assignee     string     `bun:"assignee"`
	Reason       string     `bun:"reason"`
	OpenedAt     time.Time  `bun:"opened_at"`
	SeenAt       time.Time  `bun:"seen_at"`
	ClosedAt     *time.Time `bun:"closed_at"`
	UpdatedAt    time.Time  `bun:"updated_at"`
	Version      int64      `bun:"version"`

	// What has a row of its own, as it was read.
	Snoozed bool             `bun:"-"` // in incident_snoozes
	Own     *incident.Look   `bun:"-"` // in incident_looks
	Merger  *incident.Merger `bun:"-"` // in incident_mergers
}

func joinKey(k incident.Key) string { return identity(k.Kind, k.Value) }

func newIncidentRow(i incident.Incident) incidentRow {
	sensors := make([]string, len(i.Sensors))
	for k, s := range i.Sensors {
		sensors[k] = string(s)
	}
	return incidentRow{
		ID: i.ID, JoinKey: joinKey(i.Key), KeyKind: i.Key.Kind, KeyValue: text(i.Key.Value), Title: text(i.Title), Severity: int(i.Severity),
		State: string(i.State), Join: i.Join, Sensors: strings.Join(sensors, " "), Observations: int64(i.Observations), Regressed: i.Regressed,
		Rule: keyText(i.Rule), SecretType: keyText(i.SecretType), Redacted: text(i.Redacted), SourceIP: keyText(i.SourceIP), Program: text(i.Program),
		Assignee: keyText(i.Assignee), Reason: text(i.Reason), OpenedAt: stamp(i.OpenedAt), SeenAt: stamp(i.SeenAt),
		ClosedAt: stampOrNil(i.ClosedAt), UpdatedAt: stamp(i.UpdatedAt), Version: i.Version,
	}
}

func (r incidentRow) value() incident.Incident {
	i := incident.Incident{
		ID: r.ID, Key: incident.Key{Kind: r.KeyKind, Value: r.KeyValue}, Title: r.Title, Severity: event.Severity(r.Severity),
		State: incident.State(r.State), Join: r.Join, Observations: int(r.Observations), Regressed: r.Regressed, Rule: r.Rule, SecretType: r.SecretType,
		Redacted: r.Redacted, SourceIP: r.SourceIP, Program: r.Program, Assignee: r.Assignee, Reason: r.Reason,
		OpenedAt: r.OpenedAt.UTC(), SeenAt: r.SeenAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), Version: r.Version,
	}
	if r.ClosedAt != nil {
		at := r.ClosedAt.UTC()
		i.ClosedAt = &at
	}
	for _, s := range strings.Fields(r.Sensors) {
		i.Sensors = append(i.Sensors, incident.Sensor(s))
	}
	return i
}

type entryRow struct {
	bun.BaseModel `bun:"table:incident_entries"`

	ID         string    `bun:"id,pk"`
	IncidentID string    `bun:"incident_id"`
	At         time.Time `bun:"at"`
	Kind       string    `bun:"kind"`
	Sensor     string    `bun:"sensor"`
	Severity   int       `bun:"severity"`
	EventID    string    `bun:"event_id"`
	Topic      string    `bun:"topic"`
	Words      string    `bun:"words"`
	Place      string    `bun:"place"`
	SourceIP   string    `bun:"source_ip"`
	Program    string    `bun:"program"`
	MadeBy     string    `bun:"made_by"`
}

func newEntryRow(incidentID string, e incident.Entry) entryRow {
	return entryRow{
		ID: e.ID, IncidentID: incidentID, At: stamp(e.At), Kind: string(e.Kind), Sensor: string(e.Sensor), Severity: int(e.Severity),
		EventID: keyText(e.EventID), Topic: keyText(e.Topic), Words: text(e.Words), Place: text(e.Place), SourceIP: keyText(e.SourceIP),
		Program: text(e.Program), MadeBy: keyText(e.By),
	}
}

func (r entryRow) value() incident.Entry {
	return incident.Entry{
		ID: r.ID, At: r.At.UTC(), Kind: incident.EntryKind(r.Kind), Sensor: incident.Sensor(r.Sensor), Severity: event.Severity(r.Severity),
		EventID: r.EventID, Topic: r.Topic, Words: r.Words, Place: r.Place, SourceIP: r.SourceIP, Program: r.Program, By: r.MadeBy,
		Incident: r.IncidentID,
	}
}

// linkRow says that an incident is part of another.
type linkRow struct {
	bun.BaseModel `bun:"table:incident_links"`

	ID       string    `bun:"id,pk"` // of the part
	IntoID   string    `bun:"into_id"`
	MergedAt time.Time `bun:"merged_at"`
}

// snoozeRow says until when an incident is put aside.
type snoozeRow struct {
	bun.BaseModel `bun:"table:incident_snoozes"`

	ID    string    `bun:"id,pk"`
	Until time.Time `bun:"snoozed_until"`
}

// waitingRow is the newest observation of a key by one sensor, which waits for that of
// another. Of a key that is an address there is one more half, tried: a secret that
// came from there, by which the incidents of both are found to be one.
type waitingRow struct {
	bun.BaseModel `bun:"table:incident_waiting"`

	ID          string    `bun:"id,pk"`
	JoinKey     string    `bun:"join_key"`
	Half        string    `bun:"half"`
	SeenAt      time.Time `bun:"seen_at"`
	Observation string    `bun:"observation"`
}

const halfTried = "tried"

func newWaitingRow(k incident.Key, half string, o incident.Observation) (waitingRow, error) {
	o.Summary, o.Place, o.Program, o.Redacted = text(o.Summary), text(o.Place), text(o.Program), text(o.Redacted)
	kept, err := json.Marshal(o)
	return waitingRow{ID: identity(joinKey(k), half), JoinKey: joinKey(k), Half: half, SeenAt: stamp(o.At), Observation: string(kept)}, err
}

func (r waitingRow) value() (o incident.Observation, err error) {
	err = json.Unmarshal([]byte(r.Observation), &o)
	return o, err
}

// plantedRow is a secret of a decky's; id is its fingerprint.
type plantedRow struct {
	bun.BaseModel `bun:"table:planted_secrets"`

	ID        string    `bun:"id,pk"`
	Node      string    `bun:"node"`
	Decky     string    `bun:"decky"`
	Place     string    `bun:"place"`
	PlantedAt time.Time `bun:"planted_at"`
}
