package telemetry

import "github.com/prometheus/client_golang/prometheus"

// EgressSample is how the egress sensor fares.
type EgressSample struct {
	Clients, Flows    int
	Allowed           int64
	Denied            map[string]int64 // by reason, a fixed set of words
	BytesOut, BytesIn int64            // towards destinations, and from them
	KillSwitch        bool
	Recording         bool   // decisions can be recorded
	Missed            uint64 // records that could not be written
	Line              uint64 // last line of the audit log
}

// egressCollector implements prometheus.Collector.
type egressCollector struct {
	ask                                    func() EgressSample
	clients, flows, allowed, denied, bytes *prometheus.Desc
	killSwitch, recording, missed, line    *prometheus.Desc
}

// WatchEgress makes scrapes ask for the egress sensor. Call it once, or never
// when there is none.
func (m *Metrics) WatchEgress(ask func() EgressSample) {
	m.registry.MustRegister(newEgressCollector(ask))
}

func newEgressCollector(ask func() EgressSample) *egressCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("cordon_egress_"+name, help, labels, nil)
	}
	return &egressCollector{
		ask:        ask,
		clients:    desc("clients", "Clients that are connected to the egress gateway."),
		flows:      desc("flows", "Connections that the egress gateway holds open."),
		allowed:    desc("allowed_total", "Flows that the egress gateway let out."),
		denied:     desc("denied_total", "Flows that the egress gateway did not let out, by reason.", "reason"),
		bytes:      desc("bytes_total", "Bytes through the egress gateway, by direction (out or in).", "direction"),
		killSwitch: desc("killswitch", "1 while the kill switch stops everything, else 0."),
		recording:  desc("recording", "1 while decisions can be recorded, else 0; in strict mode everything is denied then."),
		missed:     desc("records_missed_total", "Records that could not be written to the egress audit log."),
		line:       desc("audit_lines", "Number of the last line of the egress audit log."),
	}
}

// Describe implements prometheus.Collector.
func (c *egressCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.clients, c.flows, c.allowed, c.denied, c.bytes, c.killSwitch, c.recording, c.missed, c.line} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *egressCollector) Collect(out chan<- prometheus.Metric) {
	s := c.ask()
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	out <- gauge(c.clients, float64(s.Clients))
	out <- gauge(c.flows, float64(s.Flows))
	counter(c.allowed, float64(s.Allowed))
	if len(s.Denied) == 0 { // so that the series is there before the first denial
		counter(c.denied, 0, "default_policy")
	}
	for reason, n := range s.Denied {
		counter(c.denied, float64(n), reason)
	}
	counter(c.bytes, float64(s.BytesOut), "out")
	counter(c.bytes, float64(s.BytesIn), "in")
	out <- gauge(c.killSwitch, truth(s.KillSwitch))
	out <- gauge(c.recording, truth(s.Recording))
	counter(c.missed, float64(s.Missed))
	out <- gauge(c.line, float64(s.Line))
}
