package ingest

import (
	"net/netip"

	"go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

// beyond is what a request shows in the part of its texts that is not kept, as records of
// their own: whoever fills a text up hides nothing behind it.
func beyond(r event.SecurityRecord, redact func(string) string) (all []event.SecurityRecord) {
	path, referer, agent := r.Attributes["path"], r.Attributes["referer"], r.Attributes["user_agent"]
	if r.Kind != event.RecordHTTPRequest || max(len(path), len(referer), len(agent)) <= mostValue {
		return nil
	}
	cut, whole := shownBy(r, kept(path), kept(referer), kept(agent)), shownBy(r, path, referer, agent)
	for _, as := range []struct {
		of              anomaly.Kind
		kind, attribute string
	}{
		{anomaly.Traversal, event.RecordPathTraversal, "path"}, {anomaly.Injection, event.RecordCommandInjection, "input"}, {anomaly.WebAttacked, event.RecordWebAttack, "attack"},
	} {
		if detail := whole[as.of]; detail != "" && cut[as.of] == "" {
			one := r
			one.Kind, one.Attributes = as.kind, map[string]string{as.attribute: tail(redact(detail))}
			all = append(all, one)
		}
	}
	return all
}

func kept(text string) string { return text[:min(len(text), mostValue)] }

// shownBy is what a request shows, by the kind that it would be counted as.
func shownBy(r event.SecurityRecord, path, referer, agent string) map[anomaly.Kind]string {
	from, _ := netip.ParseAddr(r.SourceIP) // without one, the user is counted
	shown := map[anomaly.Kind]string{}
	for _, e := range (anomaly.Request{Target: path, Referer: referer, UserAgent: agent}).Events(from) {
		shown[e.Kind] = e.Detail
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
