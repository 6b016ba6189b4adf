package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
)

// rumours is an in-memory store of gossip.
type rumours struct {
	mu       sync.Mutex
	gateways []gossip.Gateway
	all      []gossip.Withheld // in the order of changes
	audited  []audit.Entry
}

func (s *rumours) Gateways(context.Context) ([]gossip.Gateway, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateways, nil
}

func (s *rumours) Withheld(_ context.Context, after int64, limit int) (out []gossip.Withheld, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.all {
		if w.Seq > after && len(out) < limit {
			out = append(out, w)
		}
	}
	return out, nil
}

func (s *rumours) Blocks(_ context.Context, all bool, before int64, limit int) (out []gossip.Withheld, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range slices.Backward(s.all) {
		if w.Origin == gossip.ByPerson && (all || w.Blocked) && (before == 0 || w.Seq < before) && len(out) < limit {
			out = append(out, w)
		}
	}
	return out, nil
}

func (s *rumours) Block(_ context.Context, messageID, who string, by audit.Entry, source string) (gossip.Withheld, error) {
	return s.decide(messageID, true, who, by, source)
}

func (s *rumours) Unblock(_ context.Context, messageID, who string, by audit.Entry, source string) (gossip.Withheld, error) {
	return s.decide(messageID, false, who, by, source)
}

func (s *rumours) decide(messageID string, blocked bool, who string, by audit.Entry, source string) (gossip.Withheld, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.all, func(w gossip.Withheld) bool { return w.Value == messageID })
	now := at >= 0 && s.all[at].Blocked
	switch {
	case now && blocked:
		return gossip.Withheld{}, gossip.ErrBlocked
	case !now && !blocked:
		return gossip.Withheld{}, gossip.ErrNotBlocked
	case at >= 0:
		s.all = slices.Delete(s.all, at, at+1)
	}
	w := gossip.Withheld{Seq: int64(len(s.audited) + 1), Kind: gossip.MessageID, Value: messageID, Blocked: blocked, Origin: gossip.ByPerson, Reason: by.Reason, ChangedBy: who, ChangedAt: by.Time}
	by.Target += " " + source
	s.all, s.audited = append(s.all, w), append(s.audited, by)
	return w, nil
}

func TestAMessageIsBlockedListedAndUnblocked(t *testing.T) {
	n := populate(t, newNode(t))
	n.gossip.all = nil
	const odd = "m/1?&x%2F" // a sender chooses it
	w := n.as(t, auth.Responder, "POST", "/api/v1/gossip/blocks", GossipBlockRequest{MessageID: odd, Reason: "names a customer"})
	made := decode[GossipBlock](t, w)
	if w.Code != http.StatusCreated || made.MessageID != odd || !made.Blocked || made.By != "api-key:key-responder" && made.By != "key-responder" {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/gossip/blocks", GossipBlockRequest{MessageID: odd, Reason: "again"}), 409, "withheld already")
	path := "/api/v1/gossip/blocks/" + url.PathEscape(odd)
	wantProblem(t, n.as(t, auth.Responder, "DELETE", path, nil), 422, "query.reason")
	ended := decode[GossipBlock](t, n.as(t, auth.Responder, "DELETE", path+"?reason=a+drill", nil))
	if ended.Blocked || ended.MessageID != odd || ended.Reason != "a drill" {
		t.Errorf("ended: %+v", ended)
	}
	wantProblem(t, n.as(t, auth.Responder, "DELETE", path+"?reason=x", nil), 404, "is not withheld")
	if now, all := n.decided(t, ""), n.decided(t, "?all=true"); len(now.Items) != 0 || len(all.Items) != 1 || all.Items[0].Blocked {
		t.Errorf("listed: %+v, %+v", now, all)
	}
	if a := n.gossip.audited; len(a) != 2 || a[0].Action != "gossip.block" || a[1].Action != "gossip.unblock" || a[1].Reason != "a drill" || a[0].Target != odd+" node-1/api" {
		t.Errorf("audited: %+v", a)
	}
}

func (n *node) decided(t *testing.T, query string) (page GossipBlockPage) {
	t.Helper()
	n.getJSON(t, "/api/v1/gossip/blocks"+query, &page)
	return page
}

func TestBlocksArePaged(t *testing.T) {
	n := populate(t, newNode(t))
	n.gossip.all = nil
	for _, id := range []string{"m-1", "m-2", "m-3"} {
		n.as(t, auth.Responder, "POST", "/api/v1/gossip/blocks", GossipBlockRequest{MessageID: id, Reason: "x"})
	}
	first := n.decided(t, "?limit=2")
	if len(first.Items) != 2 || first.NextCursor == nil || first.Items[0].MessageID != "m-3" {
		t.Fatalf("first: %+v", first)
	}
	if rest := n.decided(t, "?limit=2&cursor="+*first.NextCursor); len(rest.Items) != 1 || rest.NextCursor != nil || rest.Items[0].MessageID != "m-1" {
		t.Errorf("rest: %+v", rest)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/gossip/blocks?cursor=x", nil), 422, "query.cursor")
}

// What a gateway pulls goes on where it stopped, also when there is nothing new.
func TestTheFeedGoesOn(t *testing.T) {
	n := populate(t, newNode(t))
	n.gossip.all = []gossip.Withheld{{Seq: 3, Kind: gossip.ContentHash, Value: "h", Blocked: true, Reason: "in quarantine"}, {Seq: 7, Kind: gossip.Fingerprint, Value: "f"}}
	var page GossipFeed
	pull := func(query string) GossipFeed {
		t.Helper()
		w := n.as(t, auth.Responder, "GET", "/api/v1/gossip/withheld"+query, nil)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		return decode[GossipFeed](t, w)
	}
	if page = pull("?limit=1"); len(page.Items) != 1 || page.NextCursor != "3" || page.Items[0] != (GossipWithheld{"3", "content_hash", "h", true, "in quarantine"}) {
		t.Errorf("first: %+v", page)
	}
	if page = pull("?after=3"); len(page.Items) != 1 || page.NextCursor != "7" || page.Items[0].Blocked {
		t.Errorf("second: %+v", page)
	}
	if page = pull("?after=7"); len(page.Items) != 0 || page.NextCursor != "7" {
		t.Errorf("the end: %+v", page)
	}
	for _, bad := range []string{"?after=x", "?after=-1", "?after=1234567890123456789", "?limit=1001"} {
		if w := n.as(t, auth.Responder, "GET", "/api/v1/gossip/withheld"+bad, nil); w.Code != 422 {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
}

// A gateway needs one key: the one that may send events.
func TestAKeyThatReportsMayPullTheFeed(t *testing.T) {
	n := populate(t, newNode(t))
	for scope, want := range map[string]int{"events:write": 200, "events:read": 403, "gossip:read": 403} {
		key, _, err := n.Keys.Create(t.Context(), auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin}, auth.NewKey{
			Name: "gate-" + strings.ReplaceAll(scope, ":", "-"), Role: auth.Responder, Scopes: []string{scope},
		})
		if err != nil {
			t.Fatal(err)
		}
		if w := n.call(t, request{path: "/api/v1/gossip/withheld", key: key.Reveal()}); w.Code != want {
			t.Errorf("%s: %d %s", scope, w.Code, w.Body)
		}
	}
}

func TestGatewaysAreShown(t *testing.T) {
	n := populate(t, newNode(t))
	n.gossip.gateways = []gossip.Gateway{{
		GatewayReported: event.GatewayReported{
			GatewayID: "gate-1", State: "lost", Version: "1", Relayed: 9, PeersTotal: 7, Peers: []event.GatewayPeer{{PeerID: "p", Side: "a", ConnectedAt: "2026-03-14T14:32:07+01:00"}, {PeerID: "q", Side: "b"}},
			Listeners: []event.GatewayListener{{Side: "a", PeerID: "g"}}, Topics: []event.GatewayTopic{{Name: "t", PeersA: 1, Withheld: 2}},
		},
		Since: noon(), SeenAt: noon().Add(-time.Minute), Bypasses: []gossip.Bypass{{PeerA: "p", PeerB: "q", Evidence: "seen", FirstAt: noon(), LastAt: noon()}},
	}}
	var page GossipGateways
	n.getJSON(t, "/api/v1/gossip/gateways", &page)
	g := page.Items[0]
	if len(page.Items) != 1 || g.ID != "gate-1" || g.State != "lost" || g.PeersTotal != 7 || g.Relayed != 9 || g.Topics[0].Withheld != 2 || g.Bypasses[0].Evidence != "seen" || g.Listeners[0].Addresses == nil {
		t.Errorf("%+v", g)
	}
	if at := g.Peers[0].ConnectedAt; at == nil || at.Hour() != 13 || g.Peers[1].ConnectedAt != nil {
		t.Errorf("peers: %+v", g.Peers)
	}
}
