package telemetry

import "github.com/prometheus/client_golang/prometheus"

// DiskSample is how much room there is for data, in bytes, and what was not kept of
// what attackers did on deckies.
type DiskSample struct {
	Free, Floor         uint64 // both 0 where it is not known
	Unkept, UnkeptBytes uint64
}

// diskCollector implements prometheus.Collector.
type diskCollector struct {
	ask                       func() DiskSample
	free, floor, unkept, sent *prometheus.Desc
}

// WatchDisk makes scrapes ask for the room on the disk. Call it once.
func (m *Metrics) WatchDisk(ask func() DiskSample) {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc("cordon_"+name, help, nil, nil) }
	m.registry.MustRegister(&diskCollector{
		ask:    ask,
		free:   desc("data_free_bytes", "Room on the disk of the data directory. 0 where it is not known."),
		floor:  desc("data_floor_bytes", "Below this, what attackers send to deckies is not kept; below a quarter of it, nor what they do."),
		unkept: desc("decky_observations_unkept_total", "What attackers did on deckies that is not on record: more than one attacker's share of a day, or the disk was nearly full."),
		sent:   desc("decky_evidence_unkept_bytes_total", "What attackers sent to deckies that is not on record, for the same reasons."),
	})
}

// Describe implements prometheus.Collector.
func (c *diskCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.free, c.floor, c.unkept, c.sent} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *diskCollector) Collect(out chan<- prometheus.Metric) {
	s := c.ask()
	out <- gauge(c.free, float64(s.Free))
	out <- gauge(c.floor, float64(s.Floor))
	out <- prometheus.MustNewConstMetric(c.unkept, prometheus.CounterValue, float64(s.Unkept))
	out <- prometheus.MustNewConstMetric(c.sent, prometheus.CounterValue, float64(s.UnkeptBytes))
}
