package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"go.cordon.dev/cordon/guard/egress/policy"
)

const preface = http2.ClientPreface

// clear80 is a world whose origin api.example:80 speaks HTTP/2 without TLS.
func clear80(t *testing.T, doc string) *veiled {
	t.Helper()
	v := unveil(t, doc)
	srv := httptest.NewUnstartedServer(v.box)
	srv.Config.Protocols = &http.Protocols{}
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	v.route("203.0.113.9:80", srv.Listener.Addr().String())
	return v
}

// inClear opens a tunnel, and reads no byte behind the answer to CONNECT.
func (v *veiled) inClear(ctx context.Context, to string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", v.addr)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to)
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusOK || r.Buffered() > 0 {
		return nil, errors.Join(err, c.Close(), fmt.Errorf("CONNECT: %v, %d bytes more", res, r.Buffered()))
	}
	return c, nil
}

// knowing is a client of HTTP that knows that origins speak HTTP/2 without TLS.
func (v *veiled) knowing() *http.Client {
	tr := &http.Transport{Protocols: &http.Protocols{}, DialContext: func(ctx context.Context, _, to string) (net.Conn, error) { return v.inClear(ctx, to) }}
	tr.Protocols.SetUnencryptedHTTP2(true)
	v.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: time.Minute}
}

// Each stream is a flow of its own, judged by method, path, host and what it sends; its
// neighbours go on.
func TestStreamsWithoutTLSAreJudged(t *testing.T) {
	v := clear80(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, protocols: [http], methods: [GET, POST], paths: [/v1]}]}\n")
	c := v.knowing()
	for _, tt := range []struct {
		method, path, host, body string
		want                     int
		reason                   policy.Reason
	}{
		{"GET", "/v1/a", "", "", 200, policy.ReasonRule},
		{"POST", "/v1/b", "", "ordinary words", 200, policy.ReasonRule},
		{"DELETE", "/v1/a", "", "", 403, policy.ReasonMethod},
		{"GET", "/v2", "", "", 403, policy.ReasonPath},
		{"GET", "/v1/a", "evil.example", "", 400, ReasonBadRequest},
		{"POST", "/v1/c", "", fake(t), 403, policy.ReasonLeak},
		{"GET", "/v1/" + fake(t), "", "", 403, policy.ReasonLeak},
		{"GET", "/v1/a", "", "", 200, policy.ReasonRule},
	} {
		r, err := http.NewRequest(tt.method, "http://api.example"+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = tt.host
		got, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
		all := v.decisions()
		last := all[len(all)-1]
		if got.StatusCode != tt.want || got.ProtoMajor != 2 || last.Decision.Reason != tt.reason || last.TLS {
			t.Errorf("%s %s: %s %s, %+v", tt.method, tt.path, got.Proto, got.Status, last)
		}
	}
	if got := v.box.all(); strings.Contains(got, fake(t)) || !strings.Contains(got, "ordinary words") || len(v.dials()) != 1 {
		t.Errorf("the origin got %q by %v", got, v.dials())
	}
}

// The gRPC of Google on both ends, as it is used within a network: its server greets
// with its settings.
func TestCallsOfGRPCWithoutTLS(t *testing.T) {
	v := unveil(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, ports: [50051], paths: [/grpc.health.v1.Health]}]}\n")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer()
	service := health.NewServer()
	service.SetServingStatus("known", healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(srv, service)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = srv.Serve(l) // ends with Stop
	}()
	t.Cleanup(func() { srv.Stop(); <-ended })
	v.route("203.0.113.9:50051", l.Addr().String())
	conn, err := grpc.NewClient("passthrough:///api.example:50051", grpc.WithContextDialer(v.inClear), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := healthpb.NewHealthClient(conn)
	for asked, want := range map[string]codes.Code{"known": codes.OK, "unknown": codes.NotFound, fake(t): codes.PermissionDenied} {
		if _, err := c.Check(ctx, &healthpb.HealthCheckRequest{Service: asked}, grpc.WaitForReady(true)); status.Code(err) != want {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	if err := conn.Invoke(ctx, "/other.Service/Call", &healthpb.HealthCheckRequest{}, &healthpb.HealthCheckResponse{}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("another service: %v", err)
	}
	v.kill("a drill")
	if _, err := c.Check(ctx, &healthpb.HealthCheckRequest{Service: "known"}); status.Code(err) != codes.Unavailable {
		t.Errorf("while the kill switch is on: %v", err)
	}
}

// A tunnel that is refused as a whole says why in frames of HTTP/2, and nothing of what
// the client says reaches the server.
func TestHTTP2WithoutTLSIsRefusedInItsOwnWords(t *testing.T) {
	const open = "mode: strict\nallowlist: {rules: [{id: api, host: api.example}]}\n"
	for name, tt := range map[string]struct {
		doc, greets, says string
		reason            policy.Reason
		told              string
	}{
		"where a rule has TLS only":            {"mode: strict\nallowlist: {rules: [{id: api, host: api.example, protocols: [https]}]}\n", "", preface, policy.ReasonProtocol, "denied by Cordon: protocol_mismatch: "},
		"to a server that greets otherwise":    {open, "220 mail.example ESMTP\r\n", preface, ReasonBadRequest, ""},
		"a server of it, and a client of HTTP": {open, emptySettings, "GET / HTTP/1.1\r\nHost: api.example\r\n\r\n", ReasonBadRequest, "speaks"}, // which of the two was heard first is chance
	} {
		t.Run(name, func(t *testing.T) {
			v := unveil(t, tt.doc)
			var heard atomic.Int64
			v.route("203.0.113.9:80", listen(t, func(c net.Conn) {
				_, _ = io.WriteString(c, tt.greets)
				n, _ := io.Copy(io.Discard, c)
				heard.Add(n)
			}).addr)
			c := v.connect().tunnel("api.example:80")
			eventually(t, "the gateway has heard the greeting", func() bool {
				all := v.gw.Flows(0)
				return len(all) == 1 && all[0].BytesIn == int64(len(tt.greets))
			})
			got := c.say(tt.says).over()
			eventually(t, "it is denied", func() bool { return len(v.reasons()) > 0 })
			if why := v.reasons(); why[0] != string(tt.reason) || !strings.Contains(got, tt.told) {
				t.Errorf("%v, told %q", why, got)
			}
			if tt.says == preface && tt.told != "" {
				f := http2.NewFramer(io.Discard, strings.NewReader(got))
				first, err := f.ReadFrame()
				if _, ok := first.(*http2.SettingsFrame); !ok || err != nil {
					t.Errorf("%v %v", first, err)
				}
				second, err := f.ReadFrame()
				if away, ok := second.(*http2.GoAwayFrame); !ok || err != nil || away.ErrCode != http2.ErrCodeConnect || !strings.Contains(string(away.DebugData()), "to allow it: cordon egress add") {
					t.Errorf("%v %v", second, err)
				}
			}
			if heard.Load() > 0 {
				t.Errorf("the server got %d bytes", heard.Load())
			}
		})
	}
}
