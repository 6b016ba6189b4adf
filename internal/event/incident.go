package event

import "time"

// incidentTopic is incident.{id}.{opened|updated|closed}.
func incidentTopic(id, what string) (string, error) { return build("incident", id, what) }

// Incident is an incident as it is after something happened to it.
type Incident struct {
	IncidentID   string    `json:"incident_id"`           // id of the stored incident
	Title        string    `json:"title"`                 // what happened, for people
	State        string    `json:"state"`                 // triggered, acknowledged, resolved, ignored
	Join         string    `json:"join,omitempty"`        // the rule that joined sensors: leaked_secret_in_use; absent when one alone saw it
	Sensors      []string  `json:"sensors"`               // that saw it: leak, egress
	Observations int       `json:"observations"`          // so far
	Regressed    bool      `json:"regressed"`             // it came back after it was resolved
	Fingerprint  string    `json:"fingerprint,omitempty"` // of the secret, keyed: the value that joins sightings of one secret
	Rule         string    `json:"rule,omitempty"`        // id of the detection rule
	Redacted     string    `json:"redacted,omitempty"`    // the secret with its middle replaced by asterisks
	SourceIP     string    `json:"source_ip,omitempty"`   // of the newest observation that has one
	Program      string    `json:"program,omitempty"`     // of the newest observation that has one
	OpenedAt     time.Time `json:"opened_at"`             // when it was opened
	OccurredAt   time.Time `json:"occurred_at"`           // the newest observation
	Change       string    `json:"change"`                // what is different now, for people
	ChangedBy    string    `json:"changed_by,omitempty"`  // user or API key; absent when an observation changed it
}

// IncidentOpened: something was seen that people should look into. One secret has one
// incident, however often and wherever it is seen.
type IncidentOpened struct{ Incident }

// Topic implements Payload.
func (p IncidentOpened) Topic() (string, error) { return incidentTopic(p.IncidentID, "opened") }

// Schema implements Payload.
func (IncidentOpened) Schema() int { return 1 }

// IncidentUpdated: an incident became worse, another sensor saw it, it came back, or
// somebody took it on.
type IncidentUpdated struct{ Incident }

// Topic implements Payload.
func (p IncidentUpdated) Topic() (string, error) { return incidentTopic(p.IncidentID, "updated") }

// Schema implements Payload.
func (IncidentUpdated) Schema() int { return 1 }

// IncidentClosed: an incident was resolved, or is ignored for a reason.
type IncidentClosed struct{ Incident }

// Topic implements Payload.
func (p IncidentClosed) Topic() (string, error) { return incidentTopic(p.IncidentID, "closed") }

// Schema implements Payload.
func (IncidentClosed) Schema() int { return 1 }

func incidentEntries() []Entry {
	opened := Incident{
		IncidentID: exampleID, Title: "GITHUB_TOKEN in chat", State: "triggered", Sensors: []string{"leak"}, Observations: 1,
		Fingerprint: exampleFingerprint, Rule: "github-pat", Redacted: "ghp_********", OpenedAt: exampleTime(), OccurredAt: exampleTime(), Change: "opened",
	}
	joined, closed := opened, opened
	joined.Title, joined.Join, joined.Sensors, joined.Observations = "Leaked secret in use: GITHUB_TOKEN", "leaked_secret_in_use", []string{"egress", "leak"}, 2
	joined.SourceIP, joined.Program, joined.Change = "127.0.0.1", "/usr/bin/python3", "egress saw it, too"
	closed.State, closed.Change, closed.ChangedBy = "resolved", "resolved: revoked at 14:40", "ada"
	return []Entry{{
		Name: "IncidentOpened", Topic: "incident.{id}.opened", Pattern: "incident.*.opened",
		Purpose: "Something was seen that people should look into. One secret has one incident, however often and wherever it is seen.",
		Level:   Critical, Subject: opened.Title, Example: IncidentOpened{opened},
	}, {
		Name: "IncidentUpdated", Topic: "incident.{id}.updated", Pattern: "incident.*.updated",
		Purpose: "An incident became worse, another sensor saw it, it came back, or somebody took it on. Mere repeats are said at 2, 4, 8 and so on.",
		Level:   Critical, Subject: joined.Title, Example: IncidentUpdated{joined},
	}, {
		Name: "IncidentClosed", Topic: "incident.{id}.closed", Pattern: "incident.*.closed",
		Purpose: "An incident was resolved, or is ignored for a reason.",
		Level:   Critical, Subject: closed.Title, Example: IncidentClosed{closed},
	}}
}
