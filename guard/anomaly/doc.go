// Package anomaly watches the security events of a program and says when they are
// more than chance: failed logins, attempts at containers with privileges, paths
// that climb, commands in input, limits that were run into.
//
//	monitor, err := anomaly.New(anomaly.Options{Handler: anomaly.LogTo(slog.Default())})
//	...
//	defer monitor.Close()
//	handler := monitor.Middleware(anomaly.HTTPOptions{})(mux) // and, for what HTTP does not show:
//	monitor.RecordFailedAuth(addr, user)
//
// [Defaults] says what is watched for, and from when on it is too much;
// Options.Detectors replaces that. Make one Monitor for a program: two know nothing of
// each other. It needs no Cordon server.
//
// # Episodes
//
// What one cause does is one episode: an [Alert] when it begins and one when it has
// been quiet for a whole window, however many events lie between. Ten thousand
// failures from one address are two alerts. An event that an open episode explains
// is not counted again for what is wider: the user, the subnet.
//
// # What to do about it
//
// A Monitor refuses nothing: whatever it says, requests go on, so that it can be tried
// out in earnest. Who wants to refuse does so in the Handler, which is told the address.
// The metadata "repeats" of an alert says how often that has come back within a day, so
// that it can be kept out for longer each time; the example (Repeats) does.
//
// Options.Allowlist keeps own health checks and scanners out of all counts.
//
// # Behind a proxy
//
// HTTPOptions.TrustedProxies must have its address. Else all clients are one, the proxy:
// the first who guesses passwords opens an episode, and it explains all others. When
// nothing is known of who makes requests, [Stats] counts them as Keyless.
//
// # What it costs
//
// An event costs the same whether it is the first or the millionth: no allocation,
// one look-up for each [Detector] of its kind. Memory is fixed when a Monitor is made:
// 64 bytes a key, which is 4 MiB for each of the nine Defaults (Detector.Keys), and the
// names of who had episodes within a day, 4,096 for each at most.
// When more keys come than it has room for, those with the fewest events go first, and
// [Stats] says so; whoever invents addresses makes others forgotten only by doing as
// much as they did. Addresses of IPv6 are followed by their /64, which is what one
// subscriber has.
//
// # What it is sure of
//
// A count is never too high. It may leave out a sixteenth of the window at its old
// end, what a [Stats] field says was evicted, and events that came later than a
// window. A handler is called by one goroutine of the Monitor, never by that of
// the event: a slow one delays alerts, not logins, and one that panics loses that alert
// only. What attackers wrote stands in alerts with its control characters escaped,
// and cut.
//
// # Metrics
//
// [Monitor.Stats] is all counters, with names for JSON. Without another library:
//
//	expvar.Publish("anomaly", expvar.Func(func() any { return monitor.Stats() }))
//
// Worth an alarm are alerts_dropped (the handler is too slow), handler_panics and
// keys_evicted (there are more keys than room).
//
// # Adding to it
//
// Another thing to watch is a [Kind] with a Detector in [Defaults]. The package imports
// the standard library only.
package anomaly
