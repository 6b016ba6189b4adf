package telemetry

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is everything Cordon counts. NewMetrics makes it.
type Metrics struct {
	Leak   *Leak
	Notify *Notify
	Bus    *Bus
	Store  *Store
	HTTP   *HTTP

	registry *prometheus.Registry
}

// BuildInfo names the running program.
type BuildInfo struct {
	Version string // Mandatory.
	Commit  string // If empty, unknown.
}

// NewMetrics makes a fresh set, with Go's and the process's own metrics beside
// Cordon's.
func NewMetrics(b BuildInfo) *Metrics {
	r := prometheus.NewRegistry()
	m := &Metrics{
		Leak: newLeak(r), Notify: newNotify(r), Bus: newBus(r), Store: newStore(r), HTTP: newHTTP(r),
		registry: r,
	}
	r.MustRegister(buildInfo(b), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func buildInfo(b BuildInfo) prometheus.Collector {
	if b.Commit == "" {
		b.Commit = "unknown"
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cordon_build_info", Help: "Always 1; the labels name the running build.",
		ConstLabels: prometheus.Labels{"version": b.Version, "commit": b.Commit, "go_version": runtime.Version()},
	})
	g.Set(1)
	return g
}

// Handler answers a Prometheus scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}
