package egress_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/guard/egress"
	"go.cordon.dev/cordon/guard/egress/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// names is a resolver with a table.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var list []netip.Addr
	for _, a := range n[host] {
		list = append(list, netip.MustParseAddr(a))
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no such host")
	}
	return list, nil
}

func newGuard(t *testing.T, doc string, o egress.Options) *egress.Guard {
	t.Helper()
	g, err := egress.New([]byte(doc), o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// origin is a server that counts what reaches it.
func origin(t *testing.T, tls bool) (base *url.URL, hits func() int, client *http.Transport) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		mu.Unlock()
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, "here")
	})
	server := httptest.NewUnstartedServer(handler)
	if tls {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport, _ := server.Client().Transport.(*http.Transport)
	return base, func() int { mu.Lock(); defer mu.Unlock(); return n }, transport
}

// get returns the body, or the denial.
func get(t *testing.T, g *egress.Guard, base *http.Transport, method, address string) (string, *egress.AccessDeniedError) {
	t.Helper()
	transport := g.Transport(base)
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	var denied *egress.AccessDeniedError
	if errors.As(err, &denied) {
		return "", denied
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), nil
}

func TestTransport(t *testing.T) {
	for _, tls := range []bool{false, true} {
		base, hits, transport := origin(t, tls)
		doc := fmt.Sprintf("allowlist: {rules: [{id: ours, host: 127.0.0.1, ports: [%s], methods: [GET], paths: [/v1]}]}", base.Port())
		g := newGuard(t, doc, egress.Options{})
		if body, denied := get(t, g, transport, "GET", base.String()+"/v1/x"); denied != nil || body != "here" {
			t.Errorf("tls %v: %q, %v", tls, body, denied)
		}
		before := hits()
		for _, tt := range []struct {
			method, address string
			want            policy.Reason
		}{
			{"POST", base.String() + "/v1", policy.ReasonMethod},
			{"GET", base.String() + "/v2", policy.ReasonPath},
			{"GET", base.String() + "/v1/%2e%2e/admin", policy.ReasonPath},
			{"GET", base.Scheme + "://127.0.0.1:1/v1", policy.ReasonPort},
			{"GET", base.Scheme + "://paste.example/", policy.ReasonDefaultPolicy},
			{"GET", base.Scheme + "://0xa9fea9fe/latest/meta-data/", policy.ReasonMetadataAddress},
			{"GET", base.String() + "/v1?to=http://paste.example/", policy.ReasonDefaultPolicy},
		} {
			if _, denied := get(t, g, transport, tt.method, tt.address); denied == nil || denied.Reason != tt.want {
				t.Errorf("tls %v, %s %s: %+v, want %s", tls, tt.method, tt.address, denied, tt.want)
			}
		}
		if n := hits() - before; n != 1 { // the one that redirects
			t.Errorf("%d denied requests reached the server", n)
		}
	}
}

func TestADenialSaysWhereAndWhatToDo(t *testing.T) {
	g := newGuard(t, "mode: strict", egress.Options{})
	_, denied := get(t, g, nil, "GET", "https://Paste.example./x")
	want := `network access denied: no rule speaks of paste.example:443, and default_policy is deny; to allow it: cordon egress add paste.example:443 "why"`
	if denied == nil || denied.Error() != want || denied.Host != "paste.example" || denied.Port != 443 {
		t.Fatalf("%+v", denied)
	}
	if !strings.HasSuffix(denied.Caller.File, "guard_test.go") || !strings.HasSuffix(denied.Caller.Function, "egress_test.get") {
		t.Errorf("caller %+v", denied.Caller)
	}
}

// A host in the URL that is allowed does not carry a Host header that is not.
func TestTheHostHeaderIsJudged(t *testing.T) {
	base, hits, _ := origin(t, false)
	g := newGuard(t, "allowlist: {rules: [{host: 127.0.0.1}]}", egress.Options{})
	req, err := http.NewRequestWithContext(t.Context(), "GET", base.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"paste.example", "a b", "metadata.google.internal:80"} {
		req.Host = host
		resp, err := g.Transport(nil).RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
			t.Errorf("%s went out", host)
		}
	}
	if hits() != 0 {
		t.Error("something reached the server")
	}
}

func TestOnlyJudgedAddressesAreDialed(t *testing.T) {
	base, hits, _ := origin(t, false)
	port := base.Port()
	resolver := names{
		"rebound.example": {"127.0.0.1"}, "named.example": {"127.0.0.1"}, "mixed.example": {"10.0.0.1", "169.254.169.254", "127.0.0.1"}, "metadata.example": {"169.254.169.254"},
	}
	g := newGuard(t, `
allowlist:
  rules:
    - {host: rebound.example}
    - {host: metadata.example}
    - {host: named.example, addresses: [127.0.0.0/8]}
    - {host: mixed.example, addresses: [127.0.0.0/8]}
`, egress.Options{Resolver: resolver})
	for host, want := range map[string]policy.Reason{"rebound.example": policy.ReasonPrivateAddress, "metadata.example": policy.ReasonMetadataAddress, "named.example": "", "mixed.example": ""} {
		before := hits()
		body, denied := get(t, g, nil, "GET", "http://"+host+":"+port+"/")
		if want == "" && (denied != nil || body != "here") || want != "" && (denied == nil || denied.Reason != want || hits() != before) {
			t.Errorf("%s: %q, %+v", host, body, denied)
		}
	}
}

// A connection that leads elsewhere than to the judged address is not used.
func TestADialerThatLies(t *testing.T) {
	base, hits, _ := origin(t, false)
	lie := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, base.Host)
	}
	g := newGuard(t, "default_policy: allow", egress.Options{Resolver: names{"a.example": {"192.0.2.1"}}, Dial: lie})
	conn, err := g.DialContext(t.Context(), "tcp", "a.example:80")
	if err == nil || conn != nil || hits() != 0 {
		t.Errorf("%v, %v", conn, err)
	}
}

// An address that does not answer does not hold up the next one.
func TestAddressesAreTriedSideBySide(t *testing.T) {
	base, _, _ := origin(t, false)
	hanging := make(chan struct{}, 1)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "192.0.2.1:") {
			hanging <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	var told []egress.Decided
	g := newGuard(t, "allowlist: {rules: [{host: a.example, addresses: [127.0.0.0/8]}]}", egress.Options{
		Resolver: names{"a.example": {"192.0.2.1", "10.0.0.1", "127.0.0.1"}}, Dial: dial, Observe: func(d egress.Decided) { told = append(told, d) },
	})
	conn, err := g.DialContext(t.Context(), "tcp", "a.example:"+base.Port())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	<-hanging
	if len(told) != 2 || told[0].Decision.Reason != policy.ReasonPrivateAddress || !told[1].Decision.Allowed() || told[1].Request.Address.String() != "127.0.0.1" {
		t.Errorf("%+v", told)
	}
}

// A kept connection to a private address serves only requests whose own rule names
// that address.
func TestKeptConnectionsAreJudgedForEachRequest(t *testing.T) {
	base, hits, _ := origin(t, false)
	g := newGuard(t, `
allowlist:
  rules:
    - {id: narrow, host: a.example, methods: [GET], paths: [/open], addresses: [127.0.0.0/8]}
    - {id: wide, host: a.example}
`, egress.Options{Resolver: names{"a.example": {"127.0.0.1"}}})
	transport := g.Transport(nil)
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for range 2 {
		resp, err := client.Get("http://a.example:" + base.Port() + "/open")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		resp, err = client.Get("http://a.example:" + base.Port() + "/other")
		var denied *egress.AccessDeniedError
		if !errors.As(err, &denied) || denied.Reason != policy.ReasonPrivateAddress || denied.Rule != "wide" {
			t.Fatalf("%v, %v", resp, err)
		}
	}
	if hits() != 2 {
		t.Errorf("%d requests arrived", hits())
	}
}

func TestDialers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	g := newGuard(t, fmt.Sprintf(`
databases: {postgresql: {require_ssl: true}}
allowlist: {rules: [{host: localhost, ports: [%s], protocols: [postgres]}]}
`, port), egress.Options{Resolver: names{"localhost": {"127.0.0.1"}}})
	conn, err := g.Dialer(policy.Postgres, true).Dial("tcp", "localhost:"+port)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if conn, err = g.Dialer(policy.Postgres, true).DialAddress(t.Context(), "localhost:"+port); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	for name, dial := range map[policy.Reason]func() (net.Conn, error){
		policy.ReasonTLSRequired: func() (net.Conn, error) { return g.Dialer(policy.Postgres, false).Dial("tcp", "localhost:"+port) },
		policy.ReasonProtocol:    func() (net.Conn, error) { return g.DialContext(t.Context(), "tcp", "localhost:"+port) },
		policy.ReasonPort:        func() (net.Conn, error) { return g.Dialer(policy.Postgres, true).Dial("tcp4", "127.0.0.1:1") },
	} {
		_, err := dial()
		var denied *egress.AccessDeniedError
		if !errors.As(err, &denied) || denied.Reason != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range [][2]string{{"unix", "/run/x.sock"}, {"tcp", "localhost"}, {"tcp", "localhost:nosuchservice"}, {"tcp", "a b:80"}, {"ip", "127.0.0.1:1"}} {
		if conn, err := g.DialContext(t.Context(), bad[0], bad[1]); err == nil {
			_ = conn.Close()
			t.Errorf("%v was dialed", bad)
		}
	}
}

// What the policy no longer allows is closed, idle or not; what it does stays.
func TestReplaceClosesWhatIsNoLongerAllowed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	g := newGuard(t, "allowlist: {rules: [{host: 127.0.0.1}]}", egress.Options{})
	conn, err := g.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := g.Allow("a.example:443", "another"); err != nil || g.Status().Open != 1 {
		t.Fatalf("%v, %+v", err, g.Status())
	}
	if err := g.Replace([]byte("mode: lax")); err == nil || g.Status().Open != 1 {
		t.Errorf("a bad policy: %v", err)
	}
	if err := g.Replace([]byte("allowlist: {rules: [{host: 127.0.0.1, programs: ['*']}]}")); err != nil || g.Status().Open != 1 {
		t.Errorf("a rule for this program: %v, %+v", err, g.Status())
	}
	if err := g.Replace([]byte("emergency: {kill_switch: true}")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the connection lives: %v", err)
	}
	if s := g.Status(); s.Open != 0 || !s.KillSwitch {
		t.Errorf("%+v", s)
	}
}

func TestAllowAndRemove(t *testing.T) {
	base, _, _ := origin(t, false)
	g := newGuard(t, "# mine\nmode: strict\n", egress.Options{})
	if err := g.Allow(base.Host, "the test's own"); err != nil {
		t.Fatal(err)
	}
	if _, denied := get(t, g, nil, "GET", base.String()); denied != nil {
		t.Error(denied)
	}
	if doc := string(g.Document()); !strings.HasPrefix(doc, "# mine\n") || !strings.Contains(doc, "the test's own") {
		t.Errorf("%s", doc)
	}
	if err := g.Remove(base.Host); err != nil {
		t.Fatal(err)
	}
	if _, denied := get(t, g, nil, "GET", base.String()); denied == nil {
		t.Error("the rule is still there")
	}
	if g.Remove("nobody.example") == nil || g.Allow("a b", "") == nil {
		t.Error("nonsense was done")
	}
}

func TestStatusReportAndObserve(t *testing.T) {
	base, _, _ := origin(t, false)
	var told []egress.Decided
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	g := newGuard(t, "mode: audit\nallowlist: {rules: [{id: ours, host: localhost}]}\nhttp_clients: {}", egress.Options{
		Now: func() time.Time { return at }, Observe: func(d egress.Decided) { told = append(told, d) },
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != base.Host {
				return nil, errors.New("nobody is there")
			}
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	})
	get(t, g, nil, "GET", base.String()+"/x")
	get(t, g, nil, "GET", "http://169.254.169.254/")
	if conn, err := g.DialContext(t.Context(), "tcp", "192.0.2.1:81"); err == nil {
		_ = conn.Close()
		t.Error("somebody answered")
	}
	s := g.Status()
	if s.Mode != policy.Audit || s.Rules != 1 || len(s.Unsupported) != 1 || s.Denied != 1 || s.Allowed != s.WouldDeny+1 {
		t.Errorf("%+v", s)
	}
	r := g.Report()
	if len(r.Destinations) != 3 || r.Destinations[0].Host != "169.254.169.254" || r.Destinations[0].Reason != policy.ReasonMetadataAddress || !r.Destinations[0].First.Equal(at) || len(r.Destinations[0].Callers) != 1 {
		t.Errorf("%+v", r)
	}
	if len(told) < 3 || told[0].Decision.RuleID != "ours" || told[0].Request.Path != "/x" || told[0].Caller.Line == 0 || told[0].Request.Program.Exe == "" {
		t.Errorf("%+v", told)
	}
}
