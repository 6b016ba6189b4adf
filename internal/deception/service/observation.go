package service

import (
	"net/netip"
	"time"
)

// Type is what a client did. The list below is all there is, so that whoever
// reads observations knows each.
type Type string

// What clients do.
const (
	Connected     Type = "connected"      // a connection was accepted
	Disconnected  Type = "disconnected"   // it ended
	ClientHello   Type = "client_hello"   // the client named itself: a banner, a version, its algorithms
	LoginAttempt  Type = "login_attempt"  // a credential was tried; Credential is set
	LoggedIn      Type = "logged_in"      // a login was let in
	Command       Type = "command"        // a line in a shell, a verb of the protocol
	Query         Type = "query"          // a statement to a database
	Request       Type = "request"        // a request of HTTP
	Upload        Type = "upload"         // a file came in; Artifact is set
	Download      Type = "download"       // a file was read
	Fetch         Type = "fetch"          // the client told the decky to get something from elsewhere; nothing was got
	Forward       Type = "forward"        // the client wanted to be connected elsewhere; it was not
	ProtocolError Type = "protocol_error" // what came is not the protocol
)

// Interaction reports whether who does this uses the service, where a scanner
// would only look at it.
func (t Type) Interaction() bool {
	switch t {
	case LoggedIn, Command, Query, Upload, Download, Fetch, Forward:
		return true
	}
	return false
}

// Field is one named thing that an observation tells.
type Field struct{ Name, Value string }

// Observation is one thing that one client did. Fields, Raw, Credential and
// Artifact hold what an attacker sent: evidence, never to be logged, and sealed
// before it is stored.
type Observation struct {
	Session string // id of the session
	Number  uint64 // place in the session, from 1 without gaps; 0 of a Frame
	At      time.Time
	Decky   string
	Service string
	Client  netip.AddrPort
	Local   netip.AddrPort // where the client arrived
	Type    Type

	Fields     []Field
	Raw        []byte // what was sent, at most MaxRaw of it
	Credential *Credential
	Artifact   *Artifact
	Frame      *Frame // a piece of the screen; such an observation has no Type
	Dropped    uint64 // of Disconnected: observations of the session that were not kept
}

// evidence is how many bytes a client said with this, a file's contents not
// counted: they have a bound of their own.
func (o Observation) evidence() int {
	n := len(o.Raw) + length(o.Fields)
	if c := o.Credential; c != nil {
		n += len(c.Principal) + len(c.Secret) + length(c.Details)
	}
	if o.Artifact != nil {
		n += len(o.Artifact.Path)
	}
	return n
}

func length(fields []Field) (n int) {
	for _, f := range fields {
		n += len(f.Name) + len(f.Value)
	}
	return n
}

// The kinds of Credential. Only Plaintext can be compared over services: what
// answers a challenge is another value each time.
const (
	Plaintext     = "plaintext"
	PublicKey     = "ssh_public_key" // its fingerprint, offered or proven
	PostgresMD5   = "postgres_md5_challenge"
	PostgresSCRAM = "postgres_scram_proof"
	MySQLNative   = "mysql_native_challenge"
	MySQLSHA2     = "mysql_sha2_challenge"
	HTTPDigest    = "http_digest"
)

// Credential is what a client tried to log in with.
type Credential struct {
	Kind      string
	Principal string // user, role, DN; empty when the protocol has none
	Secret    []byte // a copy; never empty of meaning: an empty password is a secret of length 0
	Accepted  bool
	Details   []Field // of the protocol: database, realm, salt of the challenge
}

// Artifact is a file that a client left, or as much of it as was kept.
type Artifact struct {
	Kind      string // upload, mail, script
	Path      string // where the client put it
	MediaType string // by content
	Data      []byte
	Size      uint64 // of the whole; more than len(Data) when it was cut
}

// Frame is a piece of a terminal session, as asciicast v2 has it.
type Frame struct {
	Elapsed       time.Duration // since the terminal was opened
	Code          byte          // 'o' output, 'i' input, 'r' resize
	Data          []byte        // for r: nothing
	Columns, Rows int           // of the first frame and of r
}
