package ingest

import (
	"maps"
	"net/netip"

	"go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

// beyond is what a request shows in the part of its path that is not kept, as records of
// their own: whoever fills a path up hides nothing behind it.
func beyond(r event.SecurityRecord, redact func(string) string) (all []event.SecurityRecord) {
	path := r.Attributes["path"]
	if r.Kind != event.RecordHTTPRequest || len(path) <= mostValue {
		return nil
	}
	cut, whole := shownBy(r, path[:mostValue]), shownBy(r, path)
	maps.DeleteFunc(whole, func(kind string, _ string) bool { return cut[kind] != "" })
	for _, as := range []struct{ kind, attribute string }{{event.RecordPathTraversal, "path"}, {event.RecordCommandInjection, "input"}} {
		if detail := whole[as.kind]; detail != "" {
			one := r
			one.Kind, one.Attributes = as.kind, map[string]string{as.attribute: tail(redact(detail))}
			all = append(all, one)
		}
	}
	return all
}

// shownBy is what a path shows, by the kind of record that says so.
func shownBy(r event.SecurityRecord, path string) map[string]string {
	from, _ := netip.ParseAddr(r.SourceIP) // without one, the user is counted
	kinds := map[anomaly.Kind]string{anomaly.Traversal: event.RecordPathTraversal, anomaly.Injection: event.RecordCommandInjection}
	shown := map[string]string{}
	for _, e := range anomaly.Requested(from, path, 0, r.User) {
		shown[kinds[e.Kind]] = e.Detail
	}
	return shown
}

// tail is the end of a text that is too long to be kept: what stands behind the filling. Its secrets are
// gone already: half of one is recognised by nobody.
func tail(text string) string {
	if len(text) > mostValue {
		return "…" + text[len(text)-mostValue/2:]
	}
	return text
}
