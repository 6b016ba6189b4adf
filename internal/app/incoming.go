package app

import "go.cordon.dev/cordon/internal/telemetry"

// incoming is how what comes in from other programs fares, for scrapes.
func (n *node) incoming() (s telemetry.IngestSample) {
	if n.intake != nil {
		s.SpoolBytes = n.intake.Waiting()
	}
	if server := n.heard.Load(); server != nil {
		c := server.Stats()
		s.Syslog = map[string]uint64{"record": c.Records, "unknown": c.Unknown, "too_long": c.TooLong, "dropped": c.Dropped, "refused": c.Refused}
	}
	if n.counted != nil {
		u := n.counted()
		s.Anomaly = telemetry.AnomalySample{Open: u.Open, Evicted: u.Evicted, Late: u.Late}
	}
	return s
}
