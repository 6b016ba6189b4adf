package api

import "time"

// The types on the wire. The CLI's client and the dashboard's generated client
// share them; fields are added, never renamed.

// Me is who the caller is.
type Me struct {
	Name string `json:"name" example:"ada" doc:"Name of the user, the API key, or the operating system's account."`
	Role string `json:"role" enum:"viewer,reviewer,responder,admin" doc:"What the caller may do; each role includes those before it."`
	Kind string `json:"kind" enum:"user,api_key,local" doc:"How the caller is known: by password, by API key, or by the control socket."`
}

// SetupState says whether the first user is still to be made.
type SetupState struct {
	Needed bool `json:"needed" doc:"True until the first user exists."`
}

// SetupRequest makes the first administrator.
type SetupRequest struct {
	Token    string `json:"token" maxLength:"128" doc:"The token of the one-time setup link."`
	Name     string `json:"name" maxLength:"64" example:"ada" doc:"Lower-case letters, digits, dots, underscores, hyphens."`
	Password string `json:"password" maxLength:"1024" doc:"At least 10 characters."`
}

// LoginRequest opens a session.
type LoginRequest struct {
	Name     string `json:"name" maxLength:"64" example:"ada" doc:"The user's name."`
	Password string `json:"password" maxLength:"1024" doc:"The user's password."`
}

// Quarantine is one withheld or observed message, once per distinct secret.
type Quarantine struct {
	ID              string     `json:"id" format:"uuid" example:"01936d2c-5f8e-7abc-9def-0123456789ab" doc:"UUIDv7: its order is the order in time."`
	Timestamp       time.Time  `json:"timestamp" doc:"When it was quarantined."`
	Source          string     `json:"source" example:"chat" doc:"Id of the leak source."`
	Position        *uint64    `json:"hypercore_position" doc:"Index of the entry in its log; null where a source has none."`
	CoreKey         string     `json:"core_key" doc:"Public key of the Hypercore in hex; empty elsewhere."`
	Fork            uint64     `json:"fork" doc:"Fork number of the log."`
	MessageID       string     `json:"bzzz_message_id" doc:"Id of the message in its source."`
	MessageType     string     `json:"message_type" example:"task" doc:"Type of the BZZZ message; empty when it is none."`
	From            string     `json:"from" doc:"Sender of the BZZZ message; empty when unknown."`
	Label           string     `json:"label" doc:"Name of the message's place for people; empty when there is none."`
	Rule            string     `json:"rule" example:"github-token" doc:"Id of the detection rule."`
	SecretType      string     `json:"secret_type" example:"GITHUB_TOKEN" doc:"Kind of secret."`
	Severity        string     `json:"severity" enum:"low,medium,high,critical" doc:"How bad it is."`
	Confidence      float64    `json:"confidence" minimum:"0" maximum:"1" doc:"How sure the rule is."`
	RedactedContent string     `json:"redacted_content" example:"{\"TOKEN\":\"ghp_****9fK\"}" doc:"The text around the secret; every secret in it is redacted."`
	FullContentHash string     `json:"full_content_hash" doc:"Keyed hash of the whole message."`
	Fingerprint     string     `json:"fingerprint" doc:"Keyed fingerprint: equal for equal secrets, wherever they are seen."`
	Occurrences     int        `json:"occurrences" minimum:"1" doc:"Places in the message that hold the secret."`
	Disposition     string     `json:"disposition" enum:"withheld,observed" doc:"withheld: it did not spread. observed: it is in a log that cannot be unwritten."`
	CorrelationID   string     `json:"correlation_id" doc:"Joins all that one message led to."`
	Reviewed        bool       `json:"reviewed" doc:"Whether a person has judged it."`
	ReviewAction    *string    `json:"review_action" enum:"false_positive,confirmed,uncertain" doc:"The judgement; null before the review."`
	ReviewReason    string     `json:"review_reason" doc:"The reviewer's words; may be empty."`
	Reviewer        *string    `json:"reviewer" example:"ada" doc:"Who judged it: a user's name, or api-key:NAME, or local:NAME."`
	ReviewTimestamp *time.Time `json:"review_timestamp" doc:"When it was judged."`
	Recommendation  string     `json:"recommendation" doc:"What the owner of the secret should do now."`
}

// TimelineEntry is one thing that happened to a quarantine entry.
type TimelineEntry struct {
	Time   time.Time `json:"time" doc:"When it happened."`
	What   string    `json:"what" enum:"detected,quarantined,reviewed" doc:"What happened."`
	Who    string    `json:"who,omitempty" doc:"Who did it; absent when Cordon did."`
	Detail string    `json:"detail,omitempty" doc:"More about it, for people."`
}

// QuarantineDetail is a quarantine entry with all that belongs to it.
type QuarantineDetail struct {
	Quarantine
	Findings []Finding       `json:"findings" nullable:"false" doc:"The findings that led to it, newest first; at most 100."`
	Timeline []TimelineEntry `json:"timeline" nullable:"false" doc:"What happened to it, oldest first."`
}

// ReviewRequest is a person's judgement.
type ReviewRequest struct {
	Action string `json:"action" enum:"false_positive,confirmed,uncertain" doc:"false_positive: no secret. confirmed: a leaked secret. uncertain: look again later."`
	Reason string `json:"reason,omitempty" maxLength:"2000" example:"live token, revoked" doc:"Why; kept in the audit log."`
}

// Finding is a rule's hit.
type Finding struct {
	ID            string    `json:"id" format:"uuid" doc:"UUIDv7: its order is the order in time."`
	OccurredAt    time.Time `json:"occurred_at" doc:"When it was seen."`
	Source        string    `json:"source" example:"chat" doc:"Id of the leak source."`
	Position      *uint64   `json:"hypercore_position" doc:"Index of the entry in its log; null where a source has none."`
	CoreKey       string    `json:"core_key" doc:"Public key of the Hypercore in hex; empty elsewhere."`
	Fork          uint64    `json:"fork" doc:"Fork number of the log."`
	MessageID     string    `json:"bzzz_message_id" doc:"Id of the message in its source."`
	Rule          string    `json:"rule" example:"github-token" doc:"Id of the detection rule."`
	SecretType    string    `json:"secret_type" example:"GITHUB_TOKEN" doc:"Kind of secret."`
	Severity      string    `json:"severity" enum:"info,low,medium,high,critical" doc:"How bad it is."`
	Confidence    float64   `json:"confidence" minimum:"0" maximum:"1" doc:"How sure the rule is."`
	Redacted      string    `json:"redacted" example:"ghp_****9fK" doc:"The secret, redacted."`
	Field         string    `json:"field" example:"data.env.TOKEN" doc:"Path in the message; empty: found in its raw bytes."`
	Decoders      []string  `json:"decoders" nullable:"false" doc:"Encodings passed on the way to it, outermost first."`
	Fingerprint   string    `json:"fingerprint" doc:"Keyed fingerprint: equal for equal secrets, wherever they are seen."`
	QuarantineID  *string   `json:"quarantine_id" format:"uuid" doc:"Its quarantine entry; null when it was below the policy's bar."`
	CorrelationID string    `json:"correlation_id" doc:"Joins all that one message led to."`
}

// Source is a leak source and how it is doing. The leak sensor's adapter in
// the application fills it.
type Source struct {
	ID       string    `json:"id" example:"chat" doc:"The source's id in the configuration."`
	Kind     string    `json:"kind" example:"hypercore" doc:"hypercore, bzzz-log, dir, file or stdin."`
	Path     string    `json:"path" example:"/var/lib/app/core" doc:"What it watches."`
	State    string    `json:"state" enum:"waiting,catching_up,live,failing,stopped,standby" doc:"waiting: the path does not exist yet. standby: another node watches it."`
	Detail   string    `json:"detail" doc:"Why it is in this state, or what could not be scanned; may be empty."`
	Position *uint64   `json:"position" doc:"Index of the last entry read; null where a source has none."`
	Lag      *uint64   `json:"lag" doc:"Entries that are there but not read yet; null when unknown."`
	Messages uint64    `json:"messages" doc:"Messages scanned since start."`
	Secrets  uint64    `json:"secrets" doc:"Secrets found since start."`
	Damaged  bool      `json:"damaged" doc:"A part of it could not be read or did not verify since start; the rest is watched."`
	Detects  string    `json:"detects" enum:"observes,withholds" doc:"observes: tells of what is already written. withholds: keeps it from spreading."`
	Since    time.Time `json:"since" doc:"When it entered this state."`
	// What is read but not scanned, by choice or because it cannot be.
	NotScanned   uint64       `json:"not_scanned" doc:"Entries and spans that could not be read or scanned since start, corrupt blocks among them; the log says which and why."`
	MessageTypes MessageTypes `json:"message_types" doc:"Which types of messages are scanned; what has no type always is."`
}

// MessageTypes chooses messages by their type. A name that ends in * stands for
// all that begin so.
type MessageTypes struct {
	Include []string `json:"include" nullable:"false" doc:"Only these; empty: all."`
	Exclude []string `json:"exclude" nullable:"false" doc:"Never these."`
}

// SourceList is all sources.
type SourceList struct {
	Items []Source `json:"items" nullable:"false" doc:"In the order of the configuration."`
}

// QuarantinePage is one page of quarantine entries.
type QuarantinePage struct {
	Items      []Quarantine `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string      `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// FindingPage is one page of findings.
type FindingPage struct {
	Items      []Finding `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string   `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// Overview is the first page of the dashboard.
type Overview struct {
	Scanned     int64      `json:"scanned" doc:"Messages scanned so far."`
	Findings    int64      `json:"findings" doc:"Findings so far."`
	Quarantined int64      `json:"quarantined" doc:"Quarantine entries."`
	Unreviewed  Unreviewed `json:"unreviewed" doc:"Quarantine entries that no person has judged."`
	Buckets     []Bucket   `json:"buckets" nullable:"false" doc:"New quarantine entries over time; empty buckets are left out."`
	BucketHours int        `json:"bucket_hours" doc:"Width of a bucket in hours."`
	From        time.Time  `json:"from" doc:"Start of the first bucket there could be."`
	Sources     []Source   `json:"sources" nullable:"false" doc:"The leak sources."`
	Version     string     `json:"version" example:"0.2.0" doc:"Version of the server."`
	StartedAt   time.Time  `json:"started_at" doc:"When the server started."`
}

// Unreviewed counts by severity.
type Unreviewed struct {
	Low      int64 `json:"low"`
	Medium   int64 `json:"medium"`
	High     int64 `json:"high"`
	Critical int64 `json:"critical"`
}

// Bucket is how many entries of a severity fell into a span of time.
type Bucket struct {
	Start    time.Time `json:"start" doc:"Start of the span, UTC."`
	Severity string    `json:"severity" enum:"low,medium,high,critical"`
	Count    int64     `json:"count"`
}

// DetectionMetrics are the sensor's counters per day.
type DetectionMetrics struct {
	Items []DetectionDay `json:"items" nullable:"false" doc:"Oldest day first; days without work are left out."`
}

// DetectionDay is one day's counters.
type DetectionDay struct {
	Date            string  `json:"date" format:"date" example:"2026-03-14" doc:"The day, UTC."`
	Scanned         int64   `json:"total_messages_scanned"`
	Secrets         int64   `json:"secrets_detected"`
	FalsePositives  int64   `json:"false_positives" doc:"Entries judged false positives."`
	PatternsUpdated int64   `json:"patterns_updated"`
	AvgLatencyMS    float64 `json:"avg_detection_latency_ms" doc:"From reading a message to its verdict, in milliseconds."`
}

// Health is how the node is doing.
type Health struct {
	Status string  `json:"status" enum:"ok,degraded,failing" doc:"The worst of all checks."`
	Checks []Check `json:"checks" nullable:"false"`
}

// Check is one thing that was looked at. Whoever implements Checker fills it.
type Check struct {
	Name   string    `json:"name" example:"chat" doc:"What was looked at."`
	Kind   string    `json:"kind" example:"hypercore" doc:"hypercore, bzzz (a BZZZ log can be read and its chain verifies) and other kinds of sources, egress, database, bus, disk (of the data), alerts (webhooks), workers."`
	Status string    `json:"status" enum:"ok,degraded,failing"`
	Detail string    `json:"detail" doc:"What is wrong and what to do; may be empty."`
	Since  time.Time `json:"since" doc:"When it entered this status."`
}

// User is a person who may log in.
type User struct {
	Name        string     `json:"name" example:"ada"`
	Role        string     `json:"role" enum:"viewer,reviewer,responder,admin"`
	CreatedAt   time.Time  `json:"created_at"`
	LastLoginAt *time.Time `json:"last_login_at" doc:"Null: never."`
	DisabledAt  *time.Time `json:"disabled_at" doc:"Since when the user may not log in; null: may."`
}

// UserList is all users.
type UserList struct {
	Items []User `json:"items" nullable:"false" doc:"By name."`
}

// UserRequest makes a user.
type UserRequest struct {
	Name     string `json:"name" maxLength:"64" example:"ada" doc:"Lower-case letters, digits, dots, underscores, hyphens."`
	Role     string `json:"role" enum:"viewer,reviewer,responder,admin"`
	Password string `json:"password" maxLength:"1024" doc:"At least 10 characters."`
}

// UserChangeRequest changes a user; what is absent stays as it is.
type UserChangeRequest struct {
	Role     string `json:"role,omitempty" enum:"viewer,reviewer,responder,admin"`
	Disabled *bool  `json:"disabled,omitempty" doc:"True ends the user's sessions and refuses new ones."`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Why, for the audit log."`
}

// SessionList is where a person is logged in.
type SessionList struct {
	Items []Session `json:"items" nullable:"false" doc:"Newest first."`
}

// Session is one login of a person, in one browser.
type Session struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at" doc:"When it began."`
	SeenAt    time.Time `json:"seen_at" doc:"When it was last used, to the minute."`
	ExpiresAt time.Time `json:"expires_at" doc:"When it ends at the latest."`
	Addr      string    `json:"addr" doc:"IP address of the login."`
	Agent     string    `json:"agent" doc:"What the browser called itself."`
	Current   bool      `json:"current" doc:"It is the one that asks."`
}

// PasswordRequest replaces a password.
type PasswordRequest struct {
	Password string `json:"password" maxLength:"1024" doc:"The new password: at least 10 characters."`
	Current  string `json:"current,omitempty" maxLength:"1024" doc:"The password until now; needed for your own."`
}

// APIKey is a program's credential, without the key.
type APIKey struct {
	Name       string     `json:"name" example:"ci"`
	Role       string     `json:"role" enum:"viewer,reviewer,responder,admin"`
	Scopes     []string   `json:"scopes" nullable:"false" example:"[\"leak:read\"]" doc:"What it is narrowed to; empty: all that the role may do."`
	Prefix     string     `json:"prefix" example:"cdn_x1Y2" doc:"The key's first characters, to recognise it by."`
	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by" example:"ada"`
	ExpiresAt  *time.Time `json:"expires_at" doc:"Null: never."`
	LastUsedAt *time.Time `json:"last_used_at" doc:"To the minute; null: never."`
	RevokedAt  *time.Time `json:"revoked_at" doc:"Null: in force."`
}

// APIKeyList is all keys.
type APIKeyList struct {
	Items []APIKey `json:"items" nullable:"false" doc:"Also expired and revoked ones."`
}

// APIKeyRequest makes a key.
type APIKeyRequest struct {
	Name      string     `json:"name" maxLength:"64" example:"ci" doc:"Letters, digits, dots, underscores, hyphens; unique among the keys in force."`
	Role      string     `json:"role" enum:"viewer,reviewer,responder,admin"`
	Scopes    []string   `json:"scopes,omitempty" maxItems:"32" example:"[\"leak:read\"]" doc:"Narrow it to AREA:read and AREA:write; the areas are the tags of this document. Absent: all that the role may do."`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When it ends; absent: never."`
}

// APIKeyCreated is a new key. It is the only answer that holds the key itself.
type APIKeyCreated struct {
	APIKey
	Key string `json:"key" doc:"The key. It is shown here and never again."`
}
