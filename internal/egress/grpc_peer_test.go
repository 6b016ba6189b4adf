package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// The gRPC of Google on both ends: single calls, compressed ones, a stream that stays
// open, and calls that are denied.
func TestCallsOfGRPCsOwnLibrary(t *testing.T) {
	v := unveil(t, lookInto+"mode: strict\nallowlist: {rules: [{id: api, host: api.example, paths: [/grpc.health.v1.Health]}]}\n")
	service := health.NewServer()
	service.SetServingStatus("known", healthpb.HealthCheckResponse_SERVING)
	v.healthAt("203.0.113.9:443", service)
	c := healthpb.NewHealthClient(v.grpcClient())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, o := range [][]grpc.CallOption{nil, {grpc.UseCompressor(gzip.Name)}} {
		got, err := c.Check(ctx, &healthpb.HealthCheckRequest{Service: "known"}, o...)
		if err != nil || got.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			t.Fatalf("%v, %v", got, err)
		}
		for asked, want := range map[string]codes.Code{"unknown": codes.NotFound, fake(t): codes.PermissionDenied} {
			if _, err := c.Check(ctx, &healthpb.HealthCheckRequest{Service: asked}, o...); status.Code(err) != want {
				t.Errorf("want %s, got %v", want, err)
			}
		}
	}
	watch, err := c.Watch(ctx, &healthpb.HealthCheckRequest{Service: "known"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []healthpb.HealthCheckResponse_ServingStatus{healthpb.HealthCheckResponse_SERVING, healthpb.HealthCheckResponse_NOT_SERVING} {
		if got, err := watch.Recv(); err != nil || got.GetStatus() != want {
			t.Fatalf("%v, %v, want %s", got, err, want)
		}
		service.SetServingStatus("known", healthpb.HealthCheckResponse_NOT_SERVING)
	}
	if len(v.dials()) != 1 {
		t.Errorf("%v", v.dials())
	}
}

// healthAt serves gRPC's health service.
func (v *veiled) healthAt(addr string, service healthpb.HealthServer) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		v.t.Fatal(err)
	}
	cert := v.signer.issue(nil, "api.example")
	srv := grpc.NewServer(grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
	healthpb.RegisterHealthServer(srv, service)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = srv.Serve(l) // ends with Stop
	}()
	v.t.Cleanup(func() { srv.Stop(); <-ended })
	v.route(addr, l.Addr().String())
}

// grpcClient goes through the gateway.
func (v *veiled) grpcClient() *grpc.ClientConn {
	dial := func(ctx context.Context, to string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", v.addr)
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to)
		res, err := http.ReadResponse(bufio.NewReaderSize(c, 16), nil) // an origin of TLS says nothing unasked
		if err != nil || res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("CONNECT: %v, %w", res, err)
		}
		return c, nil
	}
	o := v.trusting()
	o.MinVersion = tls.VersionTLS12
	c, err := grpc.NewClient("passthrough:///api.example:443", grpc.WithContextDialer(dial), grpc.WithTransportCredentials(credentials.NewTLS(o)))
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = c.Close() })
	return c
}
