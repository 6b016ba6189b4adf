// Package telemetry is how Cordon shows itself to its operators: structured
// logs and Prometheus metrics.
//
// Logs go to one slog.Logger, made by NewLogger and injected everywhere. Every
// line logged with a context carries the correlation id of that context
// (event.WithCorrelation), so that one cause can be followed through the whole
// program.
//
// Metrics are one struct, made by NewMetrics around a registry of its own. Its
// parts (Leak, Notify, Bus, Store, HTTP) have the small methods that their
// users declare as interfaces, so no other package knows Prometheus. To add a
// metric: add it to the part it belongs to, or, when it is a state that somebody
// else keeps, to Live, which is asked at each scrape; then renew the golden page
// of metrics_test.go and docs/metrics.md with go test ./internal/telemetry
// -update. Names begin with cordon_; those with shhh_ are the leak
// sensor's published names. Labels take values from configuration, rules and
// code, never from what was observed: a stranger must not be able to fill the
// memory with series.
//
// Level 1: it may import L0.
package telemetry
