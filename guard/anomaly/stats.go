package anomaly

// Stats is what a Monitor has seen and how it fares.
type Stats struct {
	FailedAuth           int64 `json:"failed_auth_attempts"`
	PrivilegedContainer  int64 `json:"privileged_container_attempts"`
	PathTraversal        int64 `json:"path_traversal_attempts"`
	CommandInjection     int64 `json:"command_injection_attempts"`
	SuspiciousContainers int64 `json:"suspicious_containers"`
	RateLimited          int64 `json:"rate_limits_exceeded"`
	WebAttacks           int64 `json:"web_attacks"`
	Unknown              int64 `json:"unknown_events"`     // of a Kind that no detector is for
	Keyless              int64 `json:"events_without_key"` // that name nobody whom a detector counts: no address, no user
	Allowlisted          int64 `json:"allowlisted_events"` // from Options.Allowlist, and counted nowhere else

	MonitoredIPs int   `json:"monitored_ips"` // addresses with failed logins in their window
	Open         int   `json:"open_episodes"`
	Alerts       int64 `json:"alerts"`          // given to the handler
	Dropped      int64 `json:"alerts_dropped"`  // because too many waited
	Panics       int64 `json:"handler_panics"`  // alerts that the handler did not survive
	Evicted      int64 `json:"keys_evicted"`    // for want of room: what they did is forgotten
	Late         int64 `json:"events_too_late"` // older than their key's newest by a window
}

// Stats reads all counters: call it for people and for metrics, not for each event.
func (m *Monitor) Stats() Stats {
	s := Stats{
		FailedAuth: m.total(FailedAuth), PrivilegedContainer: m.total(PrivilegedContainer), PathTraversal: m.total(Traversal),
		CommandInjection: m.total(Injection), SuspiciousContainers: m.total(OddContainer), RateLimited: m.total(RateLimited),
		WebAttacks: m.total(WebAttacked),
		Unknown:    m.unknown.Load(), Keyless: m.keyless.Load(), Allowlisted: m.spared.Load(), Alerts: m.told.Load(), Dropped: m.dropped.Load(), Panics: m.panicked.Load(),
	}
	now := m.o.Now()
	for _, d := range m.all {
		u := d.counter.Usage(now)
		s.Open, s.Evicted, s.Late = s.Open+u.Open, s.Evicted+u.Evicted, s.Late+u.Late
		if d.Kind == FailedAuth && d.Key == BySource {
			s.MonitoredIPs += u.Keys
		}
	}
	return s
}

func (m *Monitor) total(k Kind) int64 {
	if n := m.totals[k]; n != nil {
		return n.Load()
	}
	return 0
}
