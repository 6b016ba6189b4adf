// Package anomaly watches the security events of a program and says when they are
// more than chance: failed logins, attempts at containers with privileges, paths
// that climb, commands in input, limits that were run into.
//
//	monitor, err := anomaly.New(anomaly.Options{Handler: anomaly.LogTo(slog.Default())})
//	defer monitor.Close()
//	monitor.RecordFailedAuth(addr, user)
//
// # Episodes
//
// What one cause does is one episode: an [Alert] when it begins and one when it has
// been quiet for a whole window, however many events lie between. Ten thousand
// failures from one address are two alerts. An event that an open episode explains
// is not counted again for what is wider: the user, the subnet.
//
// # What it costs
//
// An event costs the same whether it is the first or the millionth: no allocation,
// one look-up for each [Detector] of its kind. Memory is fixed when a Monitor is made.
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
// # Adding to it
//
// Another thing to watch is a [Kind] with a Detector in [Defaults]. The package imports
// the standard library only.
package anomaly
