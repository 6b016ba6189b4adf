package anomaly

import guard "go.cordon.dev/cordon/guard/anomaly"

// Usage says how the counters fare, all detectors' together: zero on a node that does
// not count at the moment. It begins anew with each start.
func (s *Sensor) Usage() (all guard.Usage) {
	t := s.at.Load()
	if t == nil {
		return all
	}
	now := s.d.Clock.Now()
	for _, d := range t.detectors {
		u := d.counter.Usage(now)
		all.Keys, all.Open, all.Evicted, all.Late = all.Keys+u.Keys, all.Open+u.Open, all.Evicted+u.Evicted, all.Late+u.Late
		if d.recall != nil {
			all.Evicted += d.recall.lost()
		}
	}
	return all
}
