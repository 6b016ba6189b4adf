package event

import (
	"slices"
	"time"
)

// Entry describes one kind of event in the catalogue.
type Entry struct {
	Name    string   // the payload's type
	Topic   string   // with {id} where a segment names a thing
	Pattern string   // what to subscribe to for all of them
	Purpose string   // when it is said, and what for
	Level   Severity // of the example; real events carry their own
	Subject string   // of the example
	Example Payload
}

// Catalogue lists every event that Cordon sends or obeys today, in the order of
// their topics. docs/event-catalog.md and the golden files are made from it.
func Catalogue() []Entry {
	return slices.Concat(anomalyEntries(), accessEntries(), attackerEntries(), credentialEntries(), deckyEntries(), egressEntries(), watchEntries(), incidentEntries(), recordEntries(), leakEntries(), gossipEntries(), responseEntries(), ruleEntries(), systemEntries())
}

func leakEntries() []Entry {
	return []Entry{{
		Name: "FindingDetected", Topic: TopicFindingDetected, Pattern: TopicFindingDetected,
		Purpose: "A rule matched in something a leak source delivered. Every match is said, also those too weak for quarantine.",
		Level:   Critical, Subject: "github-token in chat",
		Example: FindingDetected{Finding: exampleFinding(), Place: examplePlace(), FindingID: exampleID},
	}, {
		Name: "MessageQuarantined", Topic: TopicMessageQuarantined, Pattern: TopicMessageQuarantined,
		Purpose: "A message with a secret was recorded in quarantine. Said once per secret of a message.",
		Level:   Critical, Subject: "github-token in chat",
		Example: exampleQuarantined(),
	}, {
		Name: "QuarantineReviewed", Topic: TopicQuarantineReviewed, Pattern: TopicQuarantineReviewed,
		Purpose: "A person decided what a quarantine entry is.",
		Level:   Info, Subject: "github-token in chat",
		Example: QuarantineReviewed{
			QuarantineID: exampleID, Fingerprint: exampleFingerprint, Rule: "github-token",
			Action: "confirmed", Reviewer: "ada", Reason: "live token, revoked at 14:40",
		},
	}, {
		Name: "SourceStateChanged", Topic: "leak.source.{id}.state", Pattern: "leak.source.*.state",
		Purpose: "A leak source began to wait, catch up, follow, fail, or it stopped.",
		Level:   Info, Subject: "chat",
		Example: SourceStateChanged{SourceID: "chat", Kind: "hypercore", State: "live", Position: new(uint64(58321))},
	}}
}

func systemEntries() []Entry {
	return []Entry{{
		Name: "BusHealth", Topic: TopicBusHealth, Pattern: TopicBusHealth,
		Purpose: "This node lost the bus, or has it back. While it is lost nothing else is: the event log is the truth.",
		Level:   Medium, Subject: "nats",
		Example: BusHealth{Kind: "nats", Connected: false, Detail: "connection to bus.example:4222 lost"},
	}, diskEntry(), silenceEntry(), {
		Name: "SubscriptionsChanged", Topic: TopicSubscriptionsChanged, Pattern: TopicSubscriptionsChanged,
		Purpose: "Webhook subscriptions were added, changed or removed.",
		Level:   Info,
		Example: SubscriptionsChanged{Names: []string{"on-call", "soc-slack"}},
	}, digestEntry(), {
		Name: "WebhookTest", Topic: TopicWebhookTest, Pattern: TopicWebhookTest,
		Purpose: "Somebody tests a webhook. It goes to that webhook alone, whatever that has subscribed to, and not into the event log.",
		Level:   Info, Subject: "test of soc-slack",
		Example: WebhookTest{Webhook: "soc-slack", RequestedBy: "ada"},
	}, {
		Name: "WorkerCommand", Topic: "system.{worker}.control", Pattern: "system.*.control",
		Purpose: "Asks a worker to stop, or to start again. Other actions are ignored.",
		Level:   Info,
		Example: WorkerCommand{Worker: "leak-chat", Action: ActionStop, RequestedBy: "ada", TS: exampleTime().Unix()},
	}, {
		Name: "WorkerBeat", Topic: "system.{worker}.health", Pattern: "system.*.health",
		Purpose: "A worker is alive, or says what ails it. Said when its state changes and every 30 seconds.",
		Level:   Info, Subject: "leak-chat",
		Example: WorkerBeat{Worker: "leak-chat", State: "running", Since: exampleTime()},
	}}
}

const (
	exampleID          = "01936d2c-5f8e-7abc-9def-0123456789ab"
	exampleFingerprint = "v1:5f2a9c01:9b1d6e0f3c7a4852b6d1e09f8a7c3b5d4e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b"
	exampleHash        = "v1:5f2a9c01:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
	exampleCore        = "3f8c1d20a9b7e645f0d3c2b1a0998877665544332211ffeeddccbbaa00112233"
)

func exampleTime() time.Time { return time.Date(2026, 3, 14, 14, 32, 7, 120_000_000, time.UTC) }

func exampleFinding() Finding {
	return Finding{
		Fingerprint: exampleFingerprint, Rule: "github-token", SecretType: "GITHUB_TOKEN",
		Redacted: "ghp_****9fK", Confidence: 0.98, OccurredAt: exampleTime(),
	}
}

func examplePlace() Place {
	return Place{SourceID: "chat", Index: new(uint64(58321)), CoreKey: exampleCore, MessageID: "12D3KooWExample-58321"}
}

func exampleQuarantined() MessageQuarantined {
	return MessageQuarantined{
		Finding: exampleFinding(), Place: examplePlace(), QuarantineID: exampleID,
		RedactedContent: `{"type":"task","data":{"env":{"TOKEN":"ghp_****9fK"}}}`,
		FullContentHash: exampleHash, Occurrences: 1, Disposition: "observed",
		MessageType: "task", From: "12D3KooWExample",
		Recommendation: "Revoke the token in GitHub under Settings, Developer settings, and look through its audit log.",
	}
}
