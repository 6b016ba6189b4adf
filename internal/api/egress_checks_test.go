package api

import (
	"errors"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
)

// What only the node can look at is said to everybody, and asked for by one at a time.
func TestTheNodeLooksForOneAtATime(t *testing.T) {
	n, f := newEgress(t)
	look := func() EgressChecks {
		return decode[EgressChecks](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/checks", nil))
	}
	if got := look(); got.Authority.Exists || got.Authority.Path != "/keys/egress-ca.pem" || len(got.NameServers) != 1 || got.NameServers[0].Problem == "" {
		t.Errorf("%+v", got)
	}
	f.rotated, f.err = 1, errors.New("others could have its key")
	if got := look(); !got.Authority.Exists || got.Authority.Problem != "others could have its key" || f.rotated != 1 {
		t.Errorf("%+v", got)
	}
	n.probing.Lock()
	defer n.probing.Unlock()
	if w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/checks", nil); w.Code != 409 || w.Header().Get("Retry-After") == "" {
		t.Errorf("beside another: %d", w.Code)
	}
}

func TestTheAuthorityIsForAllToSeeAndForAnAdminToRotate(t *testing.T) {
	n, f := newEgress(t)
	if w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/ca", nil); w.Code != 200 || !strings.Contains(w.Body.String(), `"certificate":"PEM"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	rotate := func(reason string) int {
		return n.as(t, auth.Admin, "POST", "/api/v1/egress/ca/rotate", EgressCARequest{Reason: reason}).Code
	}
	if code := rotate(" "); code != 422 || f.rotated != 0 {
		t.Errorf("without a reason: %d", code)
	}
	if code := rotate("a laptop was lost"); code != 200 || f.rotated != 1 {
		t.Errorf("%d, %d rotations", code, f.rotated)
	}
}
