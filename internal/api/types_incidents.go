package api

import "time"

// Incident is what people work on: one for each secret, address or host, whoever saw it
// and how often.
type Incident struct {
	ID           string     `json:"id" format:"uuid" example:"01936d2c-5f8e-7abc-9def-0123456789ab" doc:"UUIDv7: its order is the order in which incidents were opened."`
	Title        string     `json:"title" example:"Leaked secret in use: GITHUB_TOKEN" doc:"What happened."`
	Severity     string     `json:"severity" enum:"info,low,medium,high,critical" doc:"Of its worst observation, or of its join, which may be graver."`
	State        string     `json:"state" enum:"triggered,acknowledged,resolved,ignored" doc:"triggered: nobody has taken it on. A resolved one is triggered again when it is seen again; an ignored one stays so."`
	Join         string     `json:"join" enum:",planted_secret_seen,leaked_secret_in_use,attacker_used_api_key,attackers_host_wanted,anomalous_attacker" example:"leaked_secret_in_use" doc:"Why observations belong together here, the strongest reason; empty when one sensor alone saw it. planted_secret_seen: what only a decky holds was seen elsewhere. leaked_secret_in_use: a secret that was found is sent or tried. attacker_used_api_key: an address that touched a decky used a key of this API. attackers_host_wanted: a guarded program was kept from a host that somebody named on a decky. anomalous_attacker: an address that touched a decky tripped the anomaly sensor, too."`
	Sensors      []string   `json:"sensors" nullable:"false" example:"[\"egress\",\"leak\"]" doc:"Who saw it: leak, egress, deception, anomaly, or access, this API's own door."`
	Observations int        `json:"observations" minimum:"1" doc:"How often it was seen."`
	Regressed    bool       `json:"regressed" doc:"It came back after it was resolved."`
	KeyKind      string     `json:"key_kind" enum:"secret,address,host,link" doc:"What its observations have in common."`
	Key          string     `json:"key" example:"203.0.113.9" doc:"Its value: a fingerprint, an address (of IPv6 its /64), a host."`
	Fingerprint  string     `json:"fingerprint" doc:"Keyed fingerprint of the secret; empty when the key is none."`
	Rule         string     `json:"rule" example:"github-pat" doc:"Id of the detection rule."`
	SecretType   string     `json:"secret_type" example:"GITHUB_TOKEN" doc:"Kind of secret; empty when no finding said."`
	Redacted     string     `json:"redacted" example:"ghp_********" doc:"The secret, redacted."`
	SourceIP     string     `json:"source_ip" doc:"Of the newest observation that has one."`
	Program      string     `json:"program" doc:"Of the newest observation that has one."`
	Assignee     string     `json:"assignee" example:"ada" doc:"Who works on it; empty: nobody."`
	Reason       string     `json:"reason" doc:"Why it was closed, in the words of who did."`
	OpenedAt     time.Time  `json:"opened_at" doc:"When it was opened."`
	SeenAt       time.Time  `json:"seen_at" doc:"The newest observation."`
	ClosedAt     *time.Time `json:"closed_at" doc:"When it was closed; null while it is open."`
	UpdatedAt    time.Time  `json:"updated_at" doc:"The last change of any kind."`
	SnoozedUntil *time.Time `json:"snoozed_until" doc:"Put aside until then, or until it gets graver: repeats are told to nobody. Null, or past: it is not."`
	MergedInto   *string    `json:"merged_into" format:"uuid" doc:"The incident that it became part of, and that is worked on instead; null: none."`
	Merged       []string   `json:"merged" nullable:"false" doc:"Ids of incidents that became part of it: their observations, sensors and timelines are counted here."`
}

// IncidentEntry is a line of an incident's timeline.
type IncidentEntry struct {
	ID       string    `json:"id" format:"uuid" doc:"UUIDv7."`
	At       time.Time `json:"at" doc:"When it happened."`
	Kind     string    `json:"kind" enum:"detection,response,human" doc:"detection: a sensor saw something. response: Cordon did something about it, also that it merged incidents. human: a person did."`
	Sensor   string    `json:"sensor" example:"egress" doc:"Of a detection or response; otherwise empty."`
	Severity string    `json:"severity" enum:"info,low,medium,high,critical" doc:"Of the observation."`
	EventID  string    `json:"event_id" doc:"Id of the event it comes from; empty for what people did here."`
	Topic    string    `json:"topic" example:"egress.leak.blocked" doc:"Of that event."`
	Words    string    `json:"words" example:"/usr/bin/curl wanted to send github-pat to paste.example:80: refused" doc:"What happened."`
	Place    string    `json:"place" example:"paste.example:80" doc:"Where."`
	SourceIP string    `json:"source_ip" doc:"Whose address it was, if it had one."`
	Program  string    `json:"program" doc:"Which program, if it is known."`
	By       string    `json:"by" example:"ada" doc:"Who, when it was a person."`
	Incident string    `json:"incident_id" format:"uuid" doc:"The incident that it is of: this one, or one that became part of it."`
}

// IncidentBrief answers what is asked first of an incident, in the order in which it is
// asked.
type IncidentBrief struct {
	Happened string         `json:"happened" example:"This secret was found where it does not belong, and a program sent it somewhere, or wanted to." doc:"What happened, and why it matters."`
	Got      []string       `json:"got" nullable:"false" doc:"What got out, or what whoever was there had of it, the worst first; empty when nothing is known of it."`
	Done     []string       `json:"done" nullable:"false" doc:"What Cordon did about it by itself, then what playbooks and people did, newest first; a few lines, the timeline has all."`
	Next     []IncidentStep `json:"next" nullable:"false" doc:"What to do now, in this order; none when it is closed."`
}

// IncidentStep is one thing to do about an incident.
type IncidentStep struct {
	Words   string `json:"words" example:"Find out what /usr/bin/curl does, and who runs it." doc:"What to do."`
	Command string `json:"command" example:"cordon egress programs" doc:"Of the command line, that does it or shows more; empty: there is none."`
}

// IncidentDetail is an incident with its timeline.
type IncidentDetail struct {
	Incident
	Brief    IncidentBrief   `json:"brief" doc:"What happened, what got out, what was done, what to do now."`
	Timeline []IncidentEntry `json:"timeline" nullable:"false" doc:"Newest first, at most 200 lines: each sensor and kind has a share of them, so that repeats of one hide nothing of another. Of each the first, the latest and the gravest; GET /incidents/{id}/timeline has the others."`

	Omitted []IncidentOmitted `json:"omitted" nullable:"false" doc:"What is not among these lines, the most first."`
}

// IncidentOmitted counts lines that a timeline has not.
type IncidentOmitted struct {
	Sensor   string    `json:"sensor" example:"egress" doc:"Of the lines; empty for what Cordon or people did about it."`
	Kind     string    `json:"kind" enum:"detection,response,human" doc:"Of the lines."`
	Severity string    `json:"severity" enum:"info,low,medium,high,critical" doc:"Of the gravest of them."`
	Times    int       `json:"times" minimum:"1" doc:"How many there are."`
	Kept     int       `json:"kept" minimum:"0" doc:"How many of them GET /incidents/{id}/timeline has; the others were only counted, because a timeline keeps about 1,000 lines."`
	From     time.Time `json:"from" doc:"When the first of them happened."`
	Until    time.Time `json:"until" doc:"When the last of them happened."`
}

// IncidentPage is a page of incidents.
type IncidentPage struct {
	Items      []Incident `json:"items" nullable:"false" doc:"Sorted as asked."`
	NextCursor *string    `json:"next_cursor" doc:"Where the next page begins, sorted the same way; null on the last."`
}

// OpenIncidents counts by severity.
type OpenIncidents struct {
	Total    int64 `json:"total" doc:"Of every severity."`
	Info     int64 `json:"info"`
	Low      int64 `json:"low"`
	Medium   int64 `json:"medium"`
	High     int64 `json:"high"`
	Critical int64 `json:"critical"`
}

// IncidentTimelinePage is a page of a timeline.
type IncidentTimelinePage struct {
	Items      []IncidentEntry `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string         `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

// IncidentAct is what a person does with an incident.
type IncidentAct struct {
	Action   string     `json:"action" enum:"acknowledge,resolve,ignore,reopen,assign,note,snooze,wake,undo,merge,split" doc:"acknowledge takes it on; resolve and ignore close it, with a reason; reopen opens it again, as nobody's work; assign gives it to somebody; note writes something down; snooze puts it aside until a time or until it gets graver, wake undoes that; undo takes back the caller's last of these, unless somebody did something since or it came back: owner, acknowledgement and snooze are what they were; merge makes it part of another; split undoes that."`
	Reason   string     `json:"reason,omitempty" maxLength:"2000" doc:"Why; of note: the note. Kept in the timeline and the audit log."`
	Assignee string     `json:"assignee,omitempty" maxLength:"64" doc:"Of assign: to whom; empty: to nobody."`
	Until    *time.Time `json:"until,omitempty" doc:"Of snooze: until when, at most 90 days ahead."`
	Into     string     `json:"into,omitempty" maxLength:"36" doc:"Of merge: id of the other incident."`
}
