package event

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// canonical are example topics of every family that is promised to
// subscribers, whether it is built yet or not.
func canonical() []string {
	return []string{
		"topology.a.mutation.enqueued", "topology.a.mutation.failed", "topology.a.status",
		"decky.web-3.state", "decky.web-3.traffic", "decky.web-3.mutate_request", "decky.web-3.mutation",
		"attacker.observed", "attacker.scored", "attacker.fingerprinted", "attacker.session.started", "attacker.session.ended", "attacker.intel.enriched",
		"credential.captured", "credential.reuse.detected",
		"identity.formed", "identity.merged", "identity.unmerged", "campaign.formed", "campaign.merged", "campaign.unmerged",
		"orchestrator.traffic.web-3", "orchestrator.file.web-3", "orchestrator.email.web-3",
		"canary.t1.placed", "canary.t1.triggered", "canary.t1.revoked",
		"leak.finding.detected", "leak.message.blocked", "leak.message.quarantined", "leak.quarantine.reviewed", "leak.source.chat.state", "leak.gateway.gate-1.state", "leak.gateway.gate-1.bypass",
		"egress.connection.allowed", "egress.connection.denied", "egress.leak.blocked", "egress.endpoint.first_seen", "egress.threshold.exceeded", "egress.baseline.deviated", "egress.killswitch.changed",
		"system.log", "system.bus.health", "system.mutator.health", "system.mutator.control", "system.webhook.subscriptions_changed",
	}
}

func TestPresetsNameTopics(t *testing.T) {
	want := map[string][]string{
		"AttackerDetail": {
			"decky.web-3.traffic", "attacker.observed", "attacker.scored", "attacker.fingerprinted", "attacker.session.started",
			"attacker.session.ended", "attacker.intel.enriched", "credential.captured", "credential.reuse.detected",
			"identity.formed", "identity.merged", "identity.unmerged", "campaign.formed", "campaign.merged", "campaign.unmerged", "canary.t1.triggered",
		},
		"DeckyStatus": {
			"topology.a.mutation.enqueued", "topology.a.mutation.failed", "topology.a.status", "decky.web-3.state",
			"decky.web-3.mutate_request", "decky.web-3.mutation", "canary.t1.placed", "canary.t1.revoked",
		},
		"SystemStatus": {
			"leak.source.chat.state", "leak.gateway.gate-1.state", "system.log", "system.bus.health", "system.mutator.health", "system.mutator.control", "system.webhook.subscriptions_changed",
		},
		"EgressAlerts": {
			"egress.leak.blocked", "egress.endpoint.first_seen", "egress.threshold.exceeded", "egress.baseline.deviated", "egress.killswitch.changed",
		},
		"Leaks": {"leak.message.blocked", "leak.message.quarantined", "leak.quarantine.reviewed", "leak.gateway.gate-1.bypass", "egress.leak.blocked"},
	}
	got := map[string][]string{}
	for _, p := range Presets() {
		for _, pattern := range p.Patterns {
			if err := CheckPattern(pattern); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
		for _, topic := range canonical() {
			if slices.ContainsFunc(p.Patterns, func(pattern string) bool { return Match(pattern, topic) }) {
				got[p.Name] = append(got[p.Name], topic)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("topics by preset (-want +got):\n%s", diff)
	}
}

func TestPresetsAreFoundByNameAndInLists(t *testing.T) {
	leaks, ok := FindPreset("Leaks")
	if _, other := FindPreset("leaks"); !ok || other {
		t.Errorf("found Leaks: %t, leaks: %t", ok, other)
	}
	system, _ := FindPreset("SystemStatus")
	both := append(slices.Clone(system.Patterns), leaks.Patterns...)
	if diff := cmp.Diff([]string{"Leaks", "SystemStatus"}, PresetsIn(append(both, "extra.>"))); diff != "" {
		t.Errorf("presets in a list of both (-want +got):\n%s", diff)
	}
	if got := PresetsIn(leaks.Patterns[1:]); got != nil {
		t.Errorf("a list without one pattern holds %v", got)
	}
}
