package telemetry

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"go.cordon.dev/cordon/internal/event"
)

// Leak counts what the leak sensor does.
type Leak struct {
	scanned  prometheus.Counter
	latency  prometheus.Histogram
	detected *prometheus.CounterVec
	entries  prometheus.Gauge
}

func newLeak(r prometheus.Registerer) *Leak {
	l := &Leak{
		scanned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "shhh_messages_scanned_total", Help: "Messages scanned for secrets.",
		}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "shhh_detection_latency_seconds", Help: "Time to scan one message.",
			Buckets: prometheus.ExponentialBuckets(10e-6, 4, 10), // 10 µs to 2.6 s
		}),
		detected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shhh_secrets_detected_total", Help: "Secrets detected, by type and severity.",
		}, []string{"secret_type", "severity"}),
		entries: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "shhh_quarantine_entries_total", Help: "Entries in quarantine.",
		}),
	}
	r.MustRegister(l.scanned, l.latency, l.detected, l.entries)
	return l
}

// Scanned counts n messages that took took together.
func (l *Leak) Scanned(n int, took time.Duration) {
	if n <= 0 {
		return
	}
	l.scanned.Add(float64(n))
	each := took.Seconds() / float64(n)
	for range n {
		l.latency.Observe(each)
	}
}

// Detected counts one secret.
func (l *Leak) Detected(secretType string, s event.Severity) {
	l.detected.WithLabelValues(secretType, strings.ToUpper(s.String())).Inc()
}

// Quarantined counts n new quarantine entries on top of those there are.
func (l *Leak) Quarantined(n int) { l.entries.Add(float64(n)) }

// SetQuarantine says how many entries there are: at start, and when some
// expire.
func (l *Leak) SetQuarantine(n int) { l.entries.Set(float64(n)) }

// Notify counts what the notifier does.
type Notify struct{ deliveries *prometheus.CounterVec }

func newNotify(r prometheus.Registerer) *Notify {
	n := &Notify{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cordon_deliveries_total", Help: "Attempts to deliver an event, by subscription and result (ok or failed).",
	}, []string{"subscription", "result"})}
	r.MustRegister(n.deliveries)
	return n
}

// Delivered counts one attempt; ok means that it was accepted.
func (n *Notify) Delivered(subscription string, ok bool) {
	result := "failed"
	if ok {
		result = "ok"
	}
	n.deliveries.WithLabelValues(subscription, result).Inc()
}

// Bus counts what the bus does.
type Bus struct {
	dropped   *prometheus.CounterVec
	connected prometheus.Gauge
}

func newBus(r prometheus.Registerer) *Bus {
	b := &Bus{
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cordon_bus_dropped_total", Help: "Events that a slow listener lost, by its pattern.",
		}, []string{"pattern"}),
		connected: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "cordon_bus_connected", Help: "1 while other nodes can be heard, else 0.",
		}),
	}
	r.MustRegister(b.dropped, b.connected)
	return b
}

// Dropped counts one event lost by a listener to pattern (membus's and
// natsbus's OnDrop).
func (b *Bus) Dropped(pattern string) { b.dropped.WithLabelValues(pattern).Inc() }

// Connected says whether the bus is connected (event.BusHealth).
func (b *Bus) Connected(yes bool) {
	if yes {
		b.connected.Set(1)
		return
	}
	b.connected.Set(0)
}

// Store counts what the store does.
type Store struct {
	commits, events, failures prometheus.Counter
	took, queries             prometheus.Histogram
	dropped                   *prometheus.CounterVec
}

func newStore(r prometheus.Registerer) *Store {
	s := &Store{
		commits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cordon_store_commits_total", Help: "Durable commits that stored events.",
		}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cordon_store_events_total", Help: "Events stored in the event log.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cordon_store_commit_failures_total", Help: "Batches of writes of which nothing could be stored.",
		}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "cordon_store_commit_seconds", Help: "Time to store one batch of writes durably, tries that failed included.",
			Buckets: prometheus.ExponentialBuckets(0.5e-3, 3, 10), // 0.5 ms to 10 s
		}),
		queries: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "cordon_store_query_seconds", Help: "Time of one statement in the database, of reads and writes.",
			Buckets: prometheus.ExponentialBuckets(0.1e-3, 3, 10), // 0.1 ms to 2 s
		}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cordon_store_rows_dropped_total", Help: "Rows deleted because they were kept as long as store.retention says.",
		}, []string{"kind"}),
	}
	r.MustRegister(s.commits, s.events, s.failures, s.took, s.queries, s.dropped)
	return s
}

// Dropped counts rows of a kind that retention deleted.
func (s *Store) Dropped(kind string, rows int) {
	s.dropped.WithLabelValues(kind).Add(float64(rows))
}

// Committed counts one commit that stored n events.
func (s *Store) Committed(n int) {
	s.commits.Inc()
	s.events.Add(float64(n))
}

// Batch counts one batch of writes, whether it was stored or not.
func (s *Store) Batch(took time.Duration, err error) {
	s.took.Observe(took.Seconds())
	if err != nil {
		s.failures.Inc()
	}
}

// Query times one statement.
func (s *Store) Query(took time.Duration) { s.queries.Observe(took.Seconds()) }

// HTTP counts requests.
type HTTP struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	logins   prometheus.Counter
}

func newHTTP(r prometheus.Registerer) *HTTP {
	h := &HTTP{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cordon_http_requests_total", Help: "Requests answered, by route (other: none of ours) and status code.",
		}, []string{"route", "code"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cordon_http_request_seconds", Help: "Time to answer a request, by route. Streams count when they end.",
			Buckets: prometheus.ExponentialBuckets(1e-3, 4, 8), // 1 ms to 16 s
		}, []string{"route"}),
		logins: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cordon_login_failures_total", Help: "Logins refused: wrong name or password, or tried too often.",
		}),
	}
	r.MustRegister(h.requests, h.took, h.logins)
	return h
}

// otherRoute stands for every path that no route has: strangers choose those.
const otherRoute = "other"

// loginRoute is the route whose refusals are login failures.
const loginRoute = "POST /api/v1/login"

// Answered counts one request. route is the pattern it matched, such as
// "GET /api/v1/quarantine/{id}"; empty: none.
func (h *HTTP) Answered(route string, status int, took time.Duration) {
	if route == "" {
		route = otherRoute
	}
	h.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	h.took.WithLabelValues(route).Observe(took.Seconds())
	if route == loginRoute && (status == http.StatusUnauthorized || status == http.StatusTooManyRequests) {
		h.logins.Inc()
	}
}
