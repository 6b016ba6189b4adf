package event

import (
	"strings"
	"time"
)

// Contact is who does something on which decky, in every payload about it.
type Contact struct {
	Decky      string    `json:"decky"`       // name of the decky
	Service    string    `json:"service"`     // kind of the service, such as ssh
	SourceIP   string    `json:"source_ip"`   // the client's address
	AttackerID string    `json:"attacker_id"` // of the attacker with this address; it follows from the address
	Session    string    `json:"session"`     // id of the session: one connection
	OccurredAt time.Time `json:"occurred_at"` // when the decky saw it
}

// DeckyTraffic: a client did something on a decky. The beginning and the end of
// its connection are events of their own.
type DeckyTraffic struct {
	Contact
	Type        string `json:"type"`                 // what it did: command, request, upload, login_attempt, ...
	Number      uint64 `json:"number"`               // place in the session, from 1
	Interaction bool   `json:"interaction"`          // whether it used the service, where a scanner would only look at it
	Summary     string `json:"summary,omitempty"`    // what it did, redacted and shortened
	ClaimedIP   string `json:"claimed_ip,omitempty"` // an address that a header of HTTP names as the client's
	ClaimedBy   string `json:"claimed_by,omitempty"` // that header, such as X-Forwarded-For

	Hosts []string `json:"hosts,omitempty"` // other machines that it wanted to get something from or to be connected to; at most eight
}

// Topic implements Payload.
func (p DeckyTraffic) Topic() (string, error) { return deckyTopic(p.Decky, "traffic") }

// Schema implements Payload.
func (DeckyTraffic) Schema() int { return 1 }

// deckyTopic is decky.{id}.{what}. In a topic, the dots of a name are dashes.
func deckyTopic(decky, what string) (string, error) {
	return build("decky", strings.ReplaceAll(decky, ".", "-"), what)
}

// SessionStarted: a client connected to a decky.
type SessionStarted struct {
	Contact
	SourcePort uint16 `json:"source_port"` // the client's port
}

// Topic implements Payload.
func (SessionStarted) Topic() (string, error) { return TopicSessionStarted, nil }

// Schema implements Payload.
func (SessionStarted) Schema() int { return 1 }

// SessionEnded: a client's connection to a decky ended.
type SessionEnded struct {
	Contact
	Seconds    float64 `json:"seconds"`           // how long it lasted
	LoggedIn   bool    `json:"logged_in"`         // whether the client was let in
	Attempts   int     `json:"attempts"`          // credentials that it tried
	Commands   int     `json:"commands"`          // commands, queries and requests
	Artifacts  int     `json:"artifacts"`         // files that it left
	Transcript int64   `json:"transcript_bytes"`  // size of the terminal's record; 0: there is none
	Dropped    uint64  `json:"dropped,omitempty"` // things that it did and that were not kept, because they were too many
}

// Topic implements Payload.
func (SessionEnded) Topic() (string, error) { return TopicSessionEnded, nil }

// Schema implements Payload.
func (SessionEnded) Schema() int { return 1 }

// CredentialCaptured: a client tried to log in to a decky. It never holds the
// secret.
type CredentialCaptured struct {
	Contact
	CredentialID string `json:"credential_id"` // id of the stored credential
	Kind         string `json:"kind"`          // plaintext, or what answers a challenge, such as postgres_md5_challenge
	Principal    string `json:"principal"`     // the user, redacted when it looks like a secret
	Fingerprint  string `json:"fingerprint"`   // of the secret, keyed: the value that joins sightings of one secret
	Accepted     bool   `json:"accepted"`      // whether the decky let the client in
	Attempts     int    `json:"attempts"`      // so far, with this credential by this address on this service
	First        bool   `json:"first"`         // whether it was never tried like this before
	Leaked       bool   `json:"leaked"`        // whether the leak sensor has found this secret where it does not belong
	Tried        int    `json:"tried"`         // attempts that this event tells of
}

// Topic implements Payload.
func (CredentialCaptured) Topic() (string, error) { return TopicCredentialCaptured, nil }

// Schema implements Payload.
func (CredentialCaptured) Schema() int { return 1 }

// ReuseDetected: one secret was tried in several places, or by several
// addresses. Said when that is first so and whenever it grows.
type ReuseDetected struct {
	ReuseID     string    `json:"reuse_id"`     // id of the stored reuse
	Fingerprint string    `json:"fingerprint"`  // of the secret, keyed: the value that joins sightings of one secret
	Kind        string    `json:"kind"`         // plaintext: what answers a challenge cannot be compared
	Targets     int       `json:"targets"`      // pairs of decky and service on which it was tried
	Addresses   int       `json:"addresses"`    // addresses that tried it
	Deckies     []string  `json:"deckies"`      // at most ten of them
	Services    []string  `json:"services"`     // at most ten of them
	AttackerIDs []string  `json:"attacker_ids"` // at most ten of them
	SourceIP    string    `json:"source_ip"`    // the address that tried it last
	Grown       bool      `json:"grown"`        // whether it was known already
	Leaked      bool      `json:"leaked"`       // whether the leak sensor has found this secret where it does not belong
	FirstSeen   time.Time `json:"first_seen"`   // when it was tried first
	OccurredAt  time.Time `json:"occurred_at"`  // when it was tried last
}

// Topic implements Payload.
func (ReuseDetected) Topic() (string, error) { return TopicReuseDetected, nil }

// Schema implements Payload.
func (ReuseDetected) Schema() int { return 1 }

// AttackerObserved: an address touched a decky for the first time.
type AttackerObserved struct {
	Contact
}

// Topic implements Payload.
func (AttackerObserved) Topic() (string, error) { return TopicAttackerObserved, nil }

// Schema implements Payload.
func (AttackerObserved) Schema() int { return 1 }

// AttackerScored: an attacker's score reached a threshold. Said once for each.
type AttackerScored struct {
	AttackerID string      `json:"attacker_id"` // of the attacker
	SourceIP   string      `json:"source_ip"`   // his address
	Score      int         `json:"score"`       // 0 to 100
	Threshold  int         `json:"threshold"`   // that it reached: 25, 50, 75, 90
	Terms      []ScoreTerm `json:"terms"`       // what the score consists of
	OccurredAt time.Time   `json:"occurred_at"` // of what he did last
}

// ScoreTerm is one reason for points.
type ScoreTerm struct {
	Term   string `json:"term"`   // a stable word, such as logged_in
	Points int    `json:"points"` // that it adds
	Why    string `json:"why"`    // in a sentence
}

// Topic implements Payload.
func (AttackerScored) Topic() (string, error) { return TopicAttackerScored, nil }

// Schema implements Payload.
func (AttackerScored) Schema() int { return 1 }

// AttackerUnrecorded: not all that an attacker did on a day is kept, because it was
// more than one attacker's share, or because the disk is nearly full. Said when that is
// first so, every hour while it grows, and when the day is over.
type AttackerUnrecorded struct {
	AttackerID    string    `json:"attacker_id"`     // of the attacker with this address
	SourceIP      string    `json:"source_ip"`       // the address that he came from last
	Network       string    `json:"network"`         // that has the share: the address, or the /64 of one of IPv6
	Day           string    `json:"day"`             // 2006-01-02, in UTC
	Observations  uint64    `json:"observations"`    // that are not on record, of this day so far
	Types         []string  `json:"types,omitempty"` // theirs: request, connected, login_attempt, ...
	EvidenceBytes uint64    `json:"evidence_bytes"`  // of what he sent that are not kept, though what he did is
	OccurredAt    time.Time `json:"occurred_at"`     // when it was counted
}

// Topic implements Payload.
func (AttackerUnrecorded) Topic() (string, error) { return TopicAttackerUnrecorded, nil }

// Schema implements Payload.
func (AttackerUnrecorded) Schema() int { return 1 }

// DeckyStateChanged: a decky was opened, stopped, or a port of it cannot be had.
type DeckyStateChanged struct {
	DeckyID    string    `json:"decky_id"`         // its name, which is unique on its node
	Node       string    `json:"node"`             // the machine that it listens on
	Archetype  string    `json:"archetype"`        // what it plays
	Hostname   string    `json:"hostname"`         // what it calls itself
	Address    string    `json:"address"`          // where it listens
	Services   []string  `json:"services"`         // kind:port of each, those that do not listen included
	State      string    `json:"state"`            // running, degraded, failed, stopped, removed
	Detail     string    `json:"detail,omitempty"` // why it is not running
	OccurredAt time.Time `json:"occurred_at"`      // since when
}

// Topic implements Payload.
func (p DeckyStateChanged) Topic() (string, error) { return deckyTopic(p.DeckyID, "state") }

// Schema implements Payload.
func (DeckyStateChanged) Schema() int { return 1 }

// DeckyMutateRequested: a decky is to become another host of its kind.
type DeckyMutateRequested struct {
	DeckyID    string    `json:"decky_id"`    // its name, which is unique on its node
	Node       string    `json:"node"`        // the machine that it listens on
	Trigger    string    `json:"trigger"`     // operator or scheduled
	Generation int       `json:"generation"`  // that it is to become; the first is 0
	OccurredAt time.Time `json:"occurred_at"` // when it was asked for
}

// Topic implements Payload.
func (p DeckyMutateRequested) Topic() (string, error) { return deckyTopic(p.DeckyID, "mutate_request") }

// Schema implements Payload.
func (DeckyMutateRequested) Schema() int { return 1 }

// DeckyMutated: a decky has become another host of its kind, or is there for the first
// time.
type DeckyMutated struct {
	DeckyID     string    `json:"decky_id"`     // its name, which is unique on its node
	Node        string    `json:"node"`         // the machine that it listens on
	Trigger     string    `json:"trigger"`      // operator, scheduled, or creation: it is there for the first time
	Generation  int       `json:"generation"`   // how often it has mutated; the first is 0
	OldHostname string    `json:"old_hostname"` // what it called itself before; empty at its creation
	Hostname    string    `json:"hostname"`     // what it calls itself
	OldServices []string  `json:"old_services"` // kind:port of each, before
	NewServices []string  `json:"new_services"` // kind:port of each, now
	RequestedAt time.Time `json:"requested_at"` // when it was asked for
	OccurredAt  time.Time `json:"occurred_at"`  // when its node told of it
}

// Topic implements Payload.
func (p DeckyMutated) Topic() (string, error) { return deckyTopic(p.DeckyID, "mutation") }

// Schema implements Payload.
func (DeckyMutated) Schema() int { return 1 }
