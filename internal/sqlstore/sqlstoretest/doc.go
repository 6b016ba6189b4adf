// Package sqlstoretest is what the implementations of the consumers' storage
// interfaces must do, on every database: one suite per consumer. A database
// joins by a test that calls Run with a function that makes a fresh database
// without anybody's rows and returns its URL; it may have its tables already, so
// that they are not made anew for each of two hundred scenarios.
package sqlstoretest

import (
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// scenario is one test with a database of its own.
type scenario struct {
	name string
	test func(t *testing.T, s *store.Store, now *clock.Fake)
}

// Run runs the suites of all consumers.
func Run(t *testing.T, newURL func(t testing.TB) string) {
	for _, suite := range []struct {
		name      string
		scenarios []scenario
	}{
		{"leak", ledgerScenarios()},
		{"quarantine", quarantineScenarios()},
		{"findings", findingScenarios()},
		{"metrics", metricsScenarios()},
		{"ingest", ingestScenarios()},
		{"rules", ruleScenarios()},
		{"anomaly rules", rulebookScenarios()},
		{"audit", auditScenarios()},
		{"users", userScenarios()},
		{"keys", keyScenarios()},
		{"sessions", sessionScenarios()},
		{"subscriptions", subscriptionScenarios()},
		{"queue", queueScenarios()},
		{"retention", retentionScenarios()},
		{"egress", egressScenarios()},
		{"endpoints", endpointScenarios()},
		{"incidents", incidentScenarios()},
		{"escalations", escalationScenarios()},
		{"anomalies", anomalyScenarios()},
		{"joins of incidents", joinScenarios()},
		{"splits of incidents", splitScenarios()},
		{"acts undone", undoScenarios()},
		{"orders of incidents", orderScenarios()},
		{"deckies", deckyScenarios()},
		{"capture", captureScenarios()},
		{"attackers", attackerScenarios()},
		{"block list", blockScenarios()},
		{"actions of playbooks", actionScenarios()},
		{"gossip", gossipScenarios()},
	} {
		t.Run(suite.name, func(t *testing.T) {
			for _, c := range suite.scenarios {
				t.Run(c.name, func(t *testing.T) {
					now := clock.NewFake(noon)
					c.test(t, storetest.Open(t, store.Options{URL: newURL(t), Clock: now}), now)
				})
			}
		})
	}
	t.Run("gossip of an older version", func(t *testing.T) { testUpgrade(t, newURL(t)) })
}
