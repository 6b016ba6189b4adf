package telemetry

import "github.com/prometheus/client_golang/prometheus"

// IngestSample is how what comes in from other programs fares.
type IngestSample struct {
	SpoolBytes int64             // wait on disk for the store
	Syslog     map[string]uint64 // messages by what became of them, a fixed set of words
	Anomaly    AnomalySample
}

// AnomalySample is how the anomaly sensor fares where it runs; elsewhere it is zero.
type AnomalySample struct {
	Open    int   // keys with more than their threshold in their window
	Evicted int64 // keys that went before their window had run out, for want of room
	Late    int64 // records too old to be counted
}

// ingestCollector implements prometheus.Collector.
type ingestCollector struct {
	ask                                func() IngestSample
	spool, syslog, open, evicted, late *prometheus.Desc
}

// WatchIngest makes scrapes ask for what comes in. Call it once, or never when nothing
// does.
func (m *Metrics) WatchIngest(ask func() IngestSample) {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("cordon_"+name, help, labels, nil)
	}
	m.registry.MustRegister(&ingestCollector{
		ask:     ask,
		spool:   desc("spool_bytes", "What was taken of other programs and waits on disk for the store."),
		syslog:  desc("syslog_messages_total", "Syslog messages by what became of them: record, unknown (no parser knows them), too_long, dropped, refused.", "result"),
		open:    desc("anomaly_keys_open", "Addresses, networks and users that did too much, on the node that counts."),
		evicted: desc("anomaly_keys_evicted_total", "Keys that were forgotten before their window had run out, for want of room."),
		late:    desc("anomaly_records_late_total", "Records that were too old to be counted."),
	})
}

// Describe implements prometheus.Collector.
func (c *ingestCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.spool, c.syslog, c.open, c.evicted, c.late} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *ingestCollector) Collect(out chan<- prometheus.Metric) {
	s := c.ask()
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	out <- gauge(c.spool, float64(s.SpoolBytes))
	for result, n := range s.Syslog {
		counter(c.syslog, float64(n), result)
	}
	out <- gauge(c.open, float64(s.Anomaly.Open))
	counter(c.evicted, float64(s.Anomaly.Evicted))
	counter(c.late, float64(s.Anomaly.Late))
}
