package event

import "slices"

// Preset is a name for a list of patterns, for people who subscribe. A preset
// also holds topics of sensors that this node does not run: nothing is sent
// for those.
type Preset struct {
	Name     string
	Purpose  string
	Patterns []string
}

// Presets lists all, in the order in which they are shown.
func Presets() []Preset {
	return []Preset{{
		Name: "Leaks", Purpose: "Secrets that were found where they do not belong, and what people decided about them.",
		Patterns: []string{"leak.message.*", "leak.quarantine.*", "leak.gateway.*.bypass", "egress.leak.blocked"},
	}, {
		Name: "AttackerDetail", Purpose: "Who attacks, with what, and what belongs together.",
		Patterns: []string{"attacker.>", "credential.>", "identity.>", "campaign.>", "decky.*.traffic", "canary.*.triggered"},
	}, {
		Name: "DeckyStatus", Purpose: "Deckies, their topologies and baits, and how they change.",
		Patterns: []string{"topology.>", "decky.*.state", "decky.*.mutate_request", "decky.*.mutation", "canary.*.placed", "canary.*.revoked"},
	}, {
		Name: "SystemStatus", Purpose: "How Cordon itself is doing: workers, bus, sources, gossip gateways, webhooks.",
		Patterns: []string{"system.>", "leak.source.*.state", "leak.gateway.*.state"},
	}, {
		Name: "EgressAlerts", Purpose: "What somebody should look at about what leaves: leaks, unknown endpoints, too many denials, unusual traffic, the kill switch.",
		Patterns: []string{"egress.leak.blocked", TopicEndpointFirstSeen, TopicThresholdExceeded, TopicBaselineDeviated, TopicKillSwitchChanged},
	}, {
		Name: "Incidents", Purpose: "What people should look into: told once when it is opened, and again when it gets worse or is over.",
		Patterns: []string{"incident.>"},
	}, {
		Name: "Anomalies", Purpose: "What other programs reported more often than chance explains, or than a rule allows: when it begins, doubles, and is over.",
		Patterns: []string{"anomaly.>"},
	}, {
		Name: "Responses", Purpose: "What playbooks ask for, did and could not do, what people decided about it, and the block list.",
		Patterns: []string{"response.>"},
	}}
}

// FindPreset returns the preset of that name, exactly as it is written.
func FindPreset(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// PresetsIn names the presets that a list of patterns holds whole.
func PresetsIn(patterns []string) []string {
	var names []string
	for _, p := range Presets() {
		missing := func(pattern string) bool { return !slices.Contains(patterns, pattern) }
		if !slices.ContainsFunc(p.Patterns, missing) {
			names = append(names, p.Name)
		}
	}
	return names
}
