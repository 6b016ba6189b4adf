package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/respond"
)

func newBlocks(t *testing.T, n *node) *respond.List {
	t.Helper()
	list, err := respond.NewList(respond.ListDeps{Store: &n.blocks, Operators: &n.blocks, Node: "node-1/respond", Clock: n.clock})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnAddressIsBlockedListedAndLetGo(t *testing.T) {
	n := populate(t, newNode(t))
	w := n.as(t, auth.Responder, "POST", "/api/v1/decisions", BlockRequest{Network: "203.0.113.9", Minutes: 90, Reason: "guesses"})
	made := decode[Block](t, w)
	if w.Code != http.StatusCreated || !made.Active || made.Origin != "person" || made.By == "" || made.Until.Sub(made.CreatedAt) != 90*time.Minute {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	page := decode[BlockPage](t, n.as(t, auth.Viewer, "GET", "/api/v1/decisions", nil))
	if len(page.Items) != 1 || page.Items[0] != made {
		t.Errorf("listed: %+v", page)
	}
	end := "/api/v1/decisions/" + made.ID + "/end"
	ended := decode[Block](t, n.as(t, auth.Responder, "POST", end, nil))
	if ended.Active || ended.EndedAt == nil || ended.EndedBy == "" {
		t.Errorf("ended: %+v", ended)
	}
	wantProblem(t, n.as(t, auth.Responder, "POST", end, BlockEnd{Reason: "again"}), 409, "is over already")
	wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/decisions/"+rowID(1)+"/end", nil), 404, "has no entry")
	if now := decode[BlockPage](t, n.as(t, auth.Viewer, "GET", "/api/v1/decisions", nil)); len(now.Items) != 0 {
		t.Errorf("in force: %+v", now)
	}
	if all := decode[BlockPage](t, n.as(t, auth.Viewer, "GET", "/api/v1/decisions?all=true", nil)); len(all.Items) != 1 {
		t.Errorf("all: %+v", all)
	}
}

func TestTheBlockListIsPaged(t *testing.T) {
	n := populate(t, newNode(t))
	for i := range 5 {
		n.clock.Advance(time.Millisecond)
		n.as(t, auth.Responder, "POST", "/api/v1/decisions", BlockRequest{Network: fmt.Sprintf("203.0.113.%d", i), Minutes: 5, Reason: "x"})
	}
	var seen []string
	for path := "/api/v1/decisions?limit=2"; path != ""; {
		page := decode[BlockPage](t, n.as(t, auth.Viewer, "GET", path, nil))
		for _, b := range page.Items {
			seen = append(seen, b.Network)
		}
		path = ""
		if page.NextCursor != nil {
			path = "/api/v1/decisions?limit=2&cursor=" + *page.NextCursor
		}
	}
	if got := strings.Join(seen, " "); got != "203.0.113.4 203.0.113.3 203.0.113.2 203.0.113.1 203.0.113.0" {
		t.Errorf("got %s", got)
	}
}

func TestFirewallsPullTheListAsText(t *testing.T) {
	n := populate(t, newNode(t))
	for _, network := range []string{"203.0.113.9", "2001:db8::/48"} {
		n.as(t, auth.Responder, "POST", "/api/v1/decisions", BlockRequest{Network: network, Minutes: 5, Reason: "x"})
	}
	const plain = "203.0.113.9\n2001:db8::/48\n"
	for name, c := range map[string]struct{ query, accept, kind, has string }{
		"asked for as plain":    {"?format=plain", "", "text/plain; charset=utf-8", plain},
		"accepted as plain":     {"", "text/plain;q=0.9, */*", "text/plain; charset=utf-8", plain},
		"asked for as nft":      {"?format=nft", "application/json", "text/plain; charset=utf-8", "add element inet cordon blocked6 { 2001:db8::/48 }"},
		"asked for as JSON":     {"?format=json", "text/plain", "application/json", `"network":"203.0.113.9"`},
		"whatever":              {"", "*/*", "application/json", `"network":"203.0.113.9"`},
		"a browser":             {"", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json", `"network":"203.0.113.9"`},
		"what is no media type": {"", "text/plain/;;", "application/json", `"network":"203.0.113.9"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := n.call(t, request{path: "/api/v1/decisions" + c.query, key: n.keys[auth.Viewer], headers: map[string]string{"Accept": c.accept}})
			if w.Code != 200 || w.Header().Get("Content-Type") != c.kind || !strings.Contains(w.Body.String(), c.has) {
				t.Errorf("got %d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
		})
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/decisions?format=plain&all=true", nil), 422, "leave out all")
}

// A firewall that gets no list keeps its own; one that gets an empty one opens.
func TestAListThatCannotBeMadeIsNoEmptyOne(t *testing.T) {
	n := populate(t, newNode(t))
	n.blocks.Fail(errors.New("away: /secret/path"))
	for _, query := range []string{"", "?format=plain", "?format=nft"} {
		w := n.as(t, auth.Viewer, "GET", "/api/v1/decisions"+query, nil)
		if w.Code < 500 || w.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(w.Body.String(), "/secret/path") {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

func TestABadBlockIsRefusedWithTheField(t *testing.T) {
	n := populate(t, newNode(t))
	n.blocks.From("198.51.100.7")
	for name, c := range map[string]struct {
		request BlockRequest
		want    string
	}{
		"no address":  {BlockRequest{Network: "host.example", Minutes: 5, Reason: "x"}, "body.network"},
		"loopback":    {BlockRequest{Network: "127.0.0.1", Minutes: 5, Reason: "x"}, "never blocked"},
		"an operator": {BlockRequest{Network: "198.51.100.7", Minutes: 5, Reason: "x"}, "an operator"},
		"everybody":   {BlockRequest{Network: "0.0.0.0/0", Minutes: 5, Reason: "x"}, "wider"},
		"too long":    {BlockRequest{Network: "203.0.113.9", Minutes: 525601, Reason: "x"}, "body.minutes"},
		"no reason":   {BlockRequest{Network: "203.0.113.9", Minutes: 5}, "body.reason"},
		"only spaces": {BlockRequest{Network: "203.0.113.9", Minutes: 5, Reason: " "}, "body.reason"},
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/decisions", c.request), 422, c.want)
		})
	}
}
