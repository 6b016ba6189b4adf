package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Live is what others keep and a scrape asks for. Its functions must answer at
// once or by a deadline of their own; a nil one has nothing to say.
type Live struct {
	Sources    func() []SourceSample
	Workers    func() []WorkerSample
	Deliveries func() []DeliverySample
	Writes     func() int    // writes that wait for the store
	Refused    func() uint64 // messages of other nodes that were no valid events
}

// SourceSample is how a leak source fares.
type SourceSample struct {
	ID, State string
	Lag       *uint64 // entries known but not scanned; nil: unknown
	Damaged   bool
}

// WorkerSample is how a worker fares.
type WorkerSample struct {
	Name, State string
	Restarts    int
}

// DeliverySample is what waits for a webhook.
type DeliverySample struct {
	Subscription  string
	Waiting, Dead int
}

// The states that a source and a worker can have: each is a series of its own,
// 1 for the one that holds.
func sourceStates() []string {
	return []string{"waiting", "catching_up", "live", "failing", "stopped", "standby"}
}

func workerStates() []string {
	return []string{"starting", "running", "degraded", "failed", "stopped"}
}

// Watch makes scrapes ask for live. Call it once.
func (m *Metrics) Watch(live Live) { m.registry.MustRegister(newLiveCollector(live)) }

// liveCollector implements prometheus.Collector.
type liveCollector struct {
	live                             Live
	lag, sourceState, damaged        *prometheus.Desc
	workerState, restarts            *prometheus.Desc
	waiting, dead, writes, busRefuse *prometheus.Desc
}

func newLiveCollector(live Live) *liveCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &liveCollector{
		live:        live,
		lag:         desc("cordon_source_lag_entries", "Entries of a leak source that are known but not scanned yet.", "source"),
		sourceState: desc("cordon_source_state", "1 for the state a leak source is in, else 0.", "source", "state"),
		damaged:     desc("cordon_source_damaged", "1 when a part of a leak source could not be read or did not verify since start, else 0.", "source"),
		workerState: desc("cordon_worker_state", "1 for the state a worker of this node is in, else 0.", "worker", "state"),
		restarts:    desc("cordon_worker_restarts_total", "Failures of a worker after which it was tried again.", "worker"),
		waiting:     desc("cordon_deliveries_waiting", "Deliveries that wait for a webhook.", "subscription"),
		dead:        desc("cordon_deliveries_dead", "Deliveries to a webhook that were given up.", "subscription"),
		writes:      desc("cordon_store_queue_jobs", "Writes that wait for the store."),
		busRefuse:   desc("cordon_bus_refused_total", "Messages on the bus that were no valid events and were not handed on."),
	}
}

// Describe implements prometheus.Collector.
func (c *liveCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.lag, c.sourceState, c.damaged, c.workerState, c.restarts, c.waiting, c.dead, c.writes, c.busRefuse,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *liveCollector) Collect(out chan<- prometheus.Metric) {
	c.collectSources(out)
	c.collectWorkers(out)
	if c.live.Deliveries != nil {
		for _, d := range c.live.Deliveries() {
			out <- gauge(c.waiting, float64(d.Waiting), d.Subscription)
			out <- gauge(c.dead, float64(d.Dead), d.Subscription)
		}
	}
	if c.live.Writes != nil {
		out <- gauge(c.writes, float64(c.live.Writes()))
	}
	if c.live.Refused != nil {
		out <- prometheus.MustNewConstMetric(c.busRefuse, prometheus.CounterValue, float64(c.live.Refused()))
	}
}

func (c *liveCollector) collectSources(out chan<- prometheus.Metric) {
	if c.live.Sources == nil {
		return
	}
	for _, s := range c.live.Sources() {
		if s.Lag != nil {
			out <- gauge(c.lag, float64(*s.Lag), s.ID)
		}
		out <- gauge(c.damaged, truth(s.Damaged), s.ID)
		for _, state := range sourceStates() {
			out <- gauge(c.sourceState, truth(s.State == state), s.ID, state)
		}
	}
}

func (c *liveCollector) collectWorkers(out chan<- prometheus.Metric) {
	if c.live.Workers == nil {
		return
	}
	for _, w := range c.live.Workers() {
		out <- prometheus.MustNewConstMetric(c.restarts, prometheus.CounterValue, float64(w.Restarts), w.Name)
		for _, state := range workerStates() {
			out <- gauge(c.workerState, truth(w.State == state), w.Name, state)
		}
	}
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
