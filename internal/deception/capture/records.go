package capture

import (
	"errors"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// Errors matched with errors.Is.
var (
	// ErrNotFound says that there is no such row, or that it was kept long enough.
	ErrNotFound = errors.New("it is not on record")
	// ErrNoSecret says that of a credential only the fingerprint was kept, because
	// the leak sensor knows the secret.
	ErrNoSecret = errors.New("only the fingerprint of this secret was kept: the leak sensor knows it")
	// ErrNoData says that of an artifact only its description was kept: there was
	// no room for it, another node holds it, or its day is over.
	ErrNoData = errors.New("the content of this artifact is not kept on this node")
)

// Log is one thing that one client did. Its event in the log has the same id.
type Log struct {
	ID         string // UUIDv7
	Timestamp  time.Time
	Node       string
	Decky      string
	Service    string
	EventType  string // one of service.Type
	AttackerIP string
	Session    string
	Number     uint64 // place in the session, from 1
	Summary    string // redacted and shortened
	HasMore    bool   // there is evidence to reveal
}

// Severity says how much it is worth a look: low for what a scanner does not do. It
// is that of the log's event.
func (l Log) Severity() event.Severity {
	if service.Type(l.EventType).Interaction() {
		return event.Low
	}
	return event.Info
}

// Evidence is what a client sent, as it sent it.
type Evidence struct {
	Fields []EvidenceField `json:"fields,omitempty"`
	Raw    []byte          `json:"raw,omitempty"`
}

// EvidenceField is a named part of it. Value may be any bytes.
type EvidenceField struct {
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

// Session is one connection of one client to one service.
type Session struct {
	ID           string // UUIDv7
	Node         string
	Decky        string
	Service      string
	AttackerIP   string
	AttackerPort uint16
	Local        string // address and port where the client arrived
	StartedAt    time.Time
	SeenAt       time.Time  // of what the client did last
	EndedAt      *time.Time // nil while it goes on
	EndReason    string
	Observations uint64 // that were kept
	Attempts     int    // credentials that were tried
	Commands     int    // commands, queries, requests
	Artifacts    int    // files that were left
	LoggedIn     bool
	Interacted   bool   // did more than a scanner does
	Principal    string // who was let in, else who was tried last; redacted
	Banner       string // what the client said of itself; redacted
	Transcript   int64  // bytes of the terminal's record; 0: there is none
	Dropped      uint64 // observations that were not kept
}

// Chunk is a sealed part of a terminal's record: whole lines of asciicast v2
// (https://docs.asciinema.org/manual/asciicast/v2/).
type Chunk struct {
	ID      string
	Day     string // 2006-01-02, when it was made
	Session string
	Decky   string
	Begins  int64 // place of its first byte in the record
	Bytes   int64 // of plain text
	Sealed  []byte
}

// Transcript is a part of a terminal's record.
type Transcript struct {
	Lines []string // of asciicast v2, without the newline; the first of a record is its header
	Next  int64    // offset of the line behind them
	Total int64    // bytes of the record so far
}

// Artifact is a file that a client left.
type Artifact struct {
	ID         string // UUIDv7
	Timestamp  time.Time
	Node       string // that holds it
	Decky      string
	Service    string
	AttackerIP string
	Session    string
	LogID      string
	Kind       string // upload, mail, script
	MediaType  string
	Path       string // where the client put it; redacted
	SHA256     string // of what was kept, in hex
	Day        string // 2006-01-02: the folder that it is in
	Size       uint64 // of the whole
	Kept       uint64 // bytes that were kept; less than Size when it was cut, 0 when there was no room
}

// StoredAs names the file in URLs.
func (a Artifact) StoredAs() string { return a.Day + "_" + a.SHA256 }

// Credential is what was tried to log in with: one row for one secret of one
// principal, tried by one address on one service.
type Credential struct {
	ID          string // UUIDv7
	Kind        string // service.Plaintext or another kind of package service
	Principal   string // redacted when it looks like a secret
	Fingerprint string // keyed: joins sightings of one secret
	Decky       string
	Service     string
	AttackerIP  string
	Session     string // of the first attempt
	Attempts    int
	Accepted    bool // at least once
	Leaked      bool // the leak sensor knows the secret
	FirstSeen   time.Time
	LastSeen    time.Time
	HasSecret   bool // it can be revealed
}

// Revealed is a credential in the clear. It prints as [redacted].
type Revealed struct {
	Principal redact.Secret
	Secret    redact.Secret // any bytes; may be empty
	Details   []EvidenceField
}

// LogFilter narrows a list of logs. What is empty does not.
type LogFilter struct {
	Decky, Service, EventType, AttackerIP, Session string
}

// SessionFilter narrows a list of sessions. What is empty does not.
type SessionFilter struct {
	Decky, Service, AttackerIP string
	Recorded                   bool // only those with a terminal's record
}

// ArtifactFilter narrows a list of artifacts. What is empty does not.
type ArtifactFilter struct {
	Decky, Service, AttackerIP, Session, SHA256 string
}

// CredentialFilter narrows a list of credentials. What is empty does not.
type CredentialFilter struct {
	Kind, Decky, Service, AttackerIP, Fingerprint string
}
