package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// watched is guarded in mode audit.
var watched = strings.Replace(guarded, "mode: strict", "mode: audit", 1)

func TestAuditModeBlocksNothingButTheFloors(t *testing.T) {
	h := newHostile(t, nil)
	h.setPolicy(watched)
	h.route("203.0.113.66:80", web(t, http.HandlerFunc(hello)).addr)
	got, _ := get(t, h.through(), "http://evil.example/")
	if d := h.decisions()[0].Decision; got.StatusCode != http.StatusOK || d.Would != policy.Deny || d.Reason != policy.ReasonDefaultPolicy {
		t.Errorf("%s, decided %+v", got.Status, d)
	}
	got, body := get(t, h.through(), "http://169.254.169.254/latest/")
	if got.StatusCode != http.StatusForbidden || !strings.Contains(body, "metadata_address") {
		t.Errorf("%s %s", got.Status, body)
	}
	h.connect().tunnel("allowed.example:443").say(helloFor("evil.example"))
	eventually(t, "the hello at the origin", func() bool { return h.good.got.Load() > 0 })
}

func TestADefaultOfAllowKeepsTheDenylist(t *testing.T) {
	h := newHostile(t, nil)
	h.setPolicy(strings.Replace(guarded, "default_policy: deny", "default_policy: allow", 1))
	got, body := get(t, h.through(), "http://listed.example/")
	if got.StatusCode != http.StatusForbidden || !strings.Contains(body, "denylist") {
		t.Errorf("%s %s", got.Status, body)
	}
	h.connect().tunnel("allowed.example:443").say(helloFor("listed.example")).over()
	h.wantDenial(ReasonHostMismatch)
	if n := h.good.got.Load(); n > 0 {
		t.Errorf("the origin got %d bytes", n)
	}
}

func TestTheFirstAddressThatAnswersIsTaken(t *testing.T) {
	o := listen(t, echo)
	dial := func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		switch to.Addr().String() {
		case "2001:db8::1": // never answers
			<-ctx.Done()
			return nil, ctx.Err()
		case "192.0.2.1":
			return nil, errors.New("connection refused")
		}
		var d net.Dialer
		return d.DialContext(ctx, "tcp", o.addr)
	}
	addrs := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.2")}
	conn, a, err := race(t.Context(), dial, addrs, 80)
	if err != nil || a != addrs[2] {
		t.Fatalf("%v %v", a, err)
	}
	_ = conn.Close()
	if _, _, err := race(t.Context(), dial, addrs[:1], 80); err == nil {
		t.Error("a refused connection is no error")
	}
}
