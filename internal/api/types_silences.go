package api

import "time"

// Silence keeps some events from some webhooks for a while.
type Silence struct {
	ID           string     `json:"id" format:"uuid"`
	Topics       []string   `json:"topics" nullable:"false" example:"[\"leak.>\"]" doc:"Patterns of the topics it hides."`
	Webhooks     []string   `json:"webhooks" nullable:"false" doc:"From which webhooks; empty: from all."`
	Rules        []string   `json:"rules" nullable:"false" doc:"Only events that name one of these rules; empty: any."`
	Sources      []string   `json:"sources" nullable:"false" doc:"Only events that name one of these leak sources; empty: any."`
	Fingerprints []string   `json:"fingerprints" nullable:"false" doc:"Only events about one of these secrets, by keyed fingerprint; empty: any."`
	MaxSeverity  string     `json:"max_severity" enum:"info,low,medium,high,critical" doc:"What is worse is told all the same."`
	Reason       string     `json:"reason"`
	By           string     `json:"by" example:"ada" doc:"Who made it."`
	Active       bool       `json:"active" doc:"It is in force now."`
	CreatedAt    time.Time  `json:"created_at"`
	Until        time.Time  `json:"until" doc:"When it runs out by itself."`
	EndedAt      *time.Time `json:"ended_at" doc:"When somebody ended it early; null: nobody did."`
	EndedBy      string     `json:"ended_by" doc:"Who ended it early; empty: nobody did."`
}

// SilencePage is one page of silences.
type SilencePage struct {
	Items      []Silence `json:"items" nullable:"false" doc:"The newest first, those that are over too."`
	NextCursor *string   `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// SilenceRequest makes a silence.
type SilenceRequest struct {
	Topics       []string `json:"topics" minItems:"1" maxItems:"64" nullable:"false" example:"[\"leak.>\"]" doc:"Patterns of topics: * is one token, > one or more at the end."`
	Webhooks     []string `json:"webhooks,omitempty" maxItems:"64" doc:"Ids of webhooks. Absent: all."`
	Rules        []string `json:"rules,omitempty" maxItems:"64" doc:"Ids of rules. Absent: any. An event that names no rule is told."`
	Sources      []string `json:"sources,omitempty" maxItems:"64" doc:"Ids of leak sources. Absent: any. An event that names no source is told."`
	Fingerprints []string `json:"fingerprints,omitempty" maxItems:"64" doc:"Keyed fingerprints of secrets. Absent: any. An event that names no secret is told."`
	MaxSeverity  string   `json:"max_severity,omitempty" enum:"info,low,medium,high,critical" doc:"What is worse is told all the same. Absent: high, so that what is critical is told."`
	Minutes      int      `json:"minutes" minimum:"1" maximum:"129600" example:"120" doc:"How long, at most 90 days."`
	Reason       string   `json:"reason" minLength:"1" maxLength:"2000" example:"the importer is being rewritten" doc:"Why; it is told with the silence."`
}

// SilenceEnd says why a silence is ended.
type SilenceEnd struct {
	Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Why; kept in the audit log."`
}

// SilencePreview is what a silence would have hidden.
type SilencePreview struct {
	Since     time.Time `json:"since" doc:"From when on the event log was looked at: days ago, or later where a search has its bound."`
	Complete  bool      `json:"complete" doc:"False: the search had its bound before it was through; there is more that it would have hidden."`
	Hidden    int       `json:"hidden" minimum:"0" doc:"Events that webhooks would not have been told of."`
	Incidents int       `json:"incidents" minimum:"0" doc:"Incidents of which at least one of those events tells."`
	Told      int       `json:"told" minimum:"0" doc:"Events of the same topics that are told all the same."`
}
