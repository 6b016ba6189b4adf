package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

// episodes is an in-memory store of anomalies, oldest first.
type episodes struct {
	mu    sync.Mutex
	all   []anomaly.Episode
	asked anomaly.Filter
}

func (s *episodes) ListAnomalies(_ context.Context, f anomaly.Filter, before string, limit int) (out []anomaly.Episode, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = f
	for _, e := range slices.Backward(s.all) {
		if (before == "" || e.ID < before) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func (s *episodes) Anomaly(_ context.Context, id string) (anomaly.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.all, func(e anomaly.Episode) bool { return e.ID == id }); i >= 0 {
		return s.all[i], nil
	}
	return anomaly.Episode{}, anomaly.ErrNotFound
}

func withEpisodes(t *testing.T) *node {
	n := populate(t, newNode(t))
	for k := 1; k <= 3; k++ {
		e := anomaly.Episode{
			ID: rowID(k), Kind: "brute_force", KeyKind: "ip", Key: "203.0.113.9", Severity: event.High, SourceIP: "203.0.113.9", User: "root",
			Count: 12, Threshold: 10, Window: 5 * time.Minute, OpenedAt: noon(), SeenAt: noon().Add(time.Minute),
		}
		if k == 2 {
			e.ClosedAt = new(noon().Add(time.Hour))
		}
		n.episodes.all = append(n.episodes.all, e)
	}
	return n
}

func TestAnomaliesAreListedAndShown(t *testing.T) {
	n := withEpisodes(t)
	var page AnomalyPage
	n.getJSON(t, "/api/v1/anomalies?limit=2&open=true&kind=brute_force&kind=path_traversal&key_kind=ip&key=203.0.113.9&severity=high", &page)
	if len(page.Items) != 2 || page.NextCursor == nil || page.Items[0].ID != rowID(3) || page.Items[1].ClosedAt == nil || page.Items[0].ClosedAt != nil || page.Items[0].WindowSeconds != 300 {
		t.Errorf("page: %+v", page)
	}
	f := n.episodes.asked
	if f.Open == nil || !*f.Open || len(f.Kinds) != 2 || f.KeyKind != "ip" || f.Key != "203.0.113.9" || len(f.Severities) != 1 {
		t.Errorf("asked for %+v", f)
	}
	var rest AnomalyPage
	n.getJSON(t, "/api/v1/anomalies?limit=2&cursor="+*page.NextCursor, &rest)
	if len(rest.Items) != 1 || rest.NextCursor != nil || n.episodes.asked.Open != nil {
		t.Errorf("rest: %+v", rest)
	}
	var one Anomaly
	n.getJSON(t, "/api/v1/anomalies/"+strings.ToUpper(rowID(2)), &one)
	if one.ID != rowID(2) || one.Count != 12 || one.Severity != "high" {
		t.Errorf("%+v", one)
	}
}

func TestAnomaliesThatThereAreNot(t *testing.T) {
	n := withEpisodes(t)
	for path, code := range map[string]int{
		"/" + rowID(9): http.StatusNotFound, "/x": http.StatusUnprocessableEntity, "?kind=The+Weather": http.StatusUnprocessableEntity,
		"?cursor=x": http.StatusUnprocessableEntity, "?key_kind=host": http.StatusUnprocessableEntity, "?weather=1": http.StatusUnprocessableEntity,
	} {
		if w := n.as(t, auth.Viewer, "GET", "/api/v1/anomalies"+path, nil); w.Code != code {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
