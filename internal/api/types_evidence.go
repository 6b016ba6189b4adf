package api

import "time"

// DeckyLog is one thing that one client did on a decky.
type DeckyLog struct {
	ID         string    `json:"id" format:"uuid" doc:"UUIDv7; also of its event."`
	Timestamp  time.Time `json:"timestamp" doc:"When."`
	Node       string    `json:"node" doc:"The machine that the decky listens on."`
	Decky      string    `json:"decky" example:"web-1" doc:"The decky's name."`
	Service    string    `json:"service" example:"ssh" doc:"The protocol."`
	Severity   string    `json:"severity" enum:"info,low" doc:"low: something that a scanner does not do. As in its event."`
	EventType  string    `json:"event_type" example:"command" doc:"What the client did: connected, disconnected, client_hello, login_attempt, logged_in, command, query, request, upload, download, fetch, forward, protocol_error."`
	AttackerIP string    `json:"attacker_ip" example:"203.0.113.9" doc:"The client's address."`
	Session    string    `json:"session" format:"uuid" doc:"The connection."`
	Number     uint64    `json:"number" doc:"Place in the session, from 1."`
	Summary    string    `json:"summary" example:"uname -a" doc:"Redacted and shortened."`
	HasMore    bool      `json:"has_more" doc:"There is evidence to reveal."`
}

// DeckyLogPage is a page of logs.
type DeckyLogPage struct {
	Items      []DeckyLog `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string    `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

// RevealRequest says why somebody looks at evidence.
type RevealRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why, for the audit log."`
}

// LogEvidence is what a client sent.
type LogEvidence struct {
	Fields []EvidenceField `json:"fields" nullable:"false" doc:"What it was, by name."`
	Raw    string          `json:"raw" format:"base64" doc:"The bytes as they came, in base64; at most 64 KiB of them. Empty: the fields say it all."`
}

// EvidenceField is a named part of what a client sent.
type EvidenceField struct {
	Name   string `json:"name" example:"line" doc:"What it is."`
	Value  string `json:"value" doc:"For people: what is no text is shown as U+FFFD."`
	Base64 string `json:"base64" format:"base64" doc:"Its exact bytes."`
}

// DeckySession is one connection of one client to one service of a decky.
type DeckySession struct {
	ID           string     `json:"id" format:"uuid" doc:"UUIDv7: its order is the order in which connections came."`
	Node         string     `json:"node" doc:"The machine that the decky listens on."`
	Decky        string     `json:"decky" example:"web-1" doc:"The decky's name."`
	Service      string     `json:"service" example:"ssh" doc:"The protocol."`
	AttackerIP   string     `json:"attacker_ip" example:"203.0.113.9" doc:"The client's address."`
	AttackerPort uint16     `json:"attacker_port" doc:"And its port."`
	Local        string     `json:"local" example:"192.0.2.10:22" doc:"Where the client arrived."`
	StartedAt    time.Time  `json:"started_at" doc:"When it came."`
	SeenAt       time.Time  `json:"seen_at" doc:"When it did something last."`
	EndedAt      *time.Time `json:"ended_at" doc:"When it left; null while it is here."`
	EndReason    string     `json:"end_reason" doc:"Why it ended."`
	Observations uint64     `json:"observations" doc:"Things that it did and that were kept."`
	Attempts     int        `json:"attempts" doc:"Credentials that it tried."`
	Commands     int        `json:"commands" doc:"Commands, queries and requests that it gave."`
	Artifacts    int        `json:"artifacts" doc:"Files that it left."`
	LoggedIn     bool       `json:"logged_in" doc:"It was let in."`
	Interacted   bool       `json:"interacted" doc:"It did more than a scanner does."`
	Principal    string     `json:"principal" example:"root" doc:"Who was let in, else who was tried last; redacted."`
	Banner       string     `json:"banner" example:"SSH-2.0-libssh2_1.10.0" doc:"What the client said of itself; redacted."`
	Transcript   int64      `json:"transcript" doc:"Bytes of its recorded terminal; 0: there is none."`
	Dropped      uint64     `json:"dropped" doc:"Things that it did and that were not kept, because there were too many."`
}

// DeckySessionPage is a page of connections.
type DeckySessionPage struct {
	Items      []DeckySession `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string        `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

// Transcript is a part of a recorded terminal.
type Transcript struct {
	Lines []string `json:"lines" nullable:"false" doc:"Of asciicast v2; the first of a record is its header."`
	Next  int64    `json:"next" doc:"Offset of what follows."`
	Total int64    `json:"total" doc:"Bytes of the whole record so far; next equals it at the end."`
}

// Artifact is a file that a client left.
type Artifact struct {
	ID         string    `json:"id" format:"uuid" doc:"UUIDv7."`
	Timestamp  time.Time `json:"timestamp" doc:"When it was left."`
	Node       string    `json:"node" doc:"The machine that keeps it."`
	Decky      string    `json:"decky" example:"web-1" doc:"The decky's name."`
	Service    string    `json:"service" example:"ssh" doc:"The protocol."`
	AttackerIP string    `json:"attacker_ip" example:"203.0.113.9" doc:"Who left it."`
	Session    string    `json:"session" format:"uuid" doc:"In which connection."`
	Kind       string    `json:"kind" example:"upload" doc:"upload, mail or script."`
	MediaType  string    `json:"media_type" example:"application/x-executable" doc:"By its content."`
	Path       string    `json:"path" example:"/tmp/x" doc:"Where the client put it; redacted."`
	SHA256     string    `json:"sha256" doc:"Of what was kept, in hex."`
	Size       uint64    `json:"size" doc:"Bytes of the whole."`
	Kept       uint64    `json:"kept" doc:"Bytes that were kept; less than size when it was cut, 0 when there was no room."`
	StoredAs   string    `json:"stored_as" doc:"Names it in GET /artifacts/{decky}/{service}/{stored_as}."`
}

// ArtifactPage is a page of files.
type ArtifactPage struct {
	Items      []Artifact `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string    `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

// Credential is what clients tried to log in with: a row for one secret of one
// principal, tried by one address on one service.
type Credential struct {
	ID          string    `json:"id" format:"uuid" doc:"UUIDv7: its order is the order of the first attempts."`
	Kind        string    `json:"kind" example:"plaintext" doc:"plaintext can be compared over services; what answers a challenge cannot."`
	Principal   string    `json:"principal" example:"root" doc:"User, role or name; redacted when it looks like a secret."`
	Fingerprint string    `json:"fingerprint" doc:"Keyed: the same wherever Cordon sees the secret."`
	Decky       string    `json:"decky" example:"web-1" doc:"The decky's name."`
	Service     string    `json:"service" example:"ssh" doc:"The protocol."`
	AttackerIP  string    `json:"attacker_ip" example:"203.0.113.9" doc:"Who tried it."`
	Session     string    `json:"session" format:"uuid" doc:"Of the first attempt."`
	Attempts    int       `json:"attempts" doc:"How often."`
	Accepted    bool      `json:"accepted" doc:"The decky let it in."`
	Leaked      bool      `json:"leaked" doc:"The leak sensor knows the secret: it is one of yours."`
	FirstSeen   time.Time `json:"first_seen" doc:"The first attempt."`
	LastSeen    time.Time `json:"last_seen" doc:"The newest attempt."`
	HasSecret   bool      `json:"has_secret" doc:"It can be revealed. Of a leaked secret only the fingerprint is kept."`
}

// CredentialPage is a page of credentials.
type CredentialPage struct {
	Items      []Credential `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string      `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

// CredentialSecret is a credential in the clear.
type CredentialSecret struct {
	Principal    string          `json:"principal" doc:"As it was typed."`
	Secret       string          `json:"secret" doc:"For people: what is no text is shown as U+FFFD."`
	SecretBase64 string          `json:"secret_b64" format:"base64" doc:"Its exact bytes."`
	Details      []EvidenceField `json:"details" nullable:"false" doc:"Of the protocol, such as the challenge that it answers."`
}
