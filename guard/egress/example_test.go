package egress_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"

	"go.cordon.dev/cordon/guard/egress"
	"go.cordon.dev/cordon/guard/egress/policy"
)

func Example() {
	guard, err := egress.New([]byte(`
mode: strict
allowlist:
  rules:
    - {id: stripe, host: api.stripe.com, ports: [443], protocols: [https]}
`), egress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: guard.Transport(nil)}
	_, err = client.Get("http://api.stripe.com:443/v1/charges")
	var denied *egress.AccessDeniedError
	if errors.As(err, &denied) {
		fmt.Println(denied.Reason, denied.Rule)
		fmt.Println(denied.AllowCommand)
	}
	// Output:
	// protocol_mismatch stripe
	// cordon egress add api.stripe.com:443 "why"
}

func ExampleGuard_Transport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	}))
	defer server.Close()
	guard, err := egress.New([]byte("allowlist: {rules: [{host: 127.0.0.1}]}"), egress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	transport := guard.Transport(nil)
	defer transport.CloseIdleConnections()
	_, err = (&http.Client{Transport: transport}).Get(server.URL)
	var denied *egress.AccessDeniedError
	fmt.Println(errors.As(err, &denied), denied.Host, denied.Reason)
	// Output: true 169.254.169.254 metadata_address
}

// Drivers take the method of a dialer: pgx as Config.DialFunc, go-redis as
// Options.Dialer, the MongoDB driver the dialer itself.
func ExampleGuard_Dialer() {
	guard, err := egress.New([]byte(`
databases:
  postgresql: {allowed_hosts: [db.example.com], require_ssl: true}
`), egress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	dialer := guard.Dialer(policy.Postgres, false)
	_, err = dialer.Dial("tcp", "db.example.com:5432")
	fmt.Println(err)
	// Output: network access denied: its section of databases has require_ssl, and the connection to db.example.com:5432 is not encrypted
}

func ExampleGuard_DialContext() {
	guard, err := egress.New([]byte("allowlist: {rules: [{host: 127.0.0.1}]}"), egress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	conn, err := guard.DialContext(context.Background(), "tcp", listener.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(guard.Status().Open)
	fmt.Println(conn.Close(), guard.Status().Open)
	// Output:
	// 1
	// <nil> 0
}

func ExampleGuard_Allow() {
	guard, err := egress.New([]byte("mode: strict # ours\n"), egress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := guard.Allow("api.github.com:443", "releases"); err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(guard.Document()))
	// Output:
	// mode: strict # ours
	// allowlist:
	//   rules:
	//     - host: api.github.com
	//       ports: [443]
	//       description: releases
}

func ExampleGuard_Report() {
	guard, err := egress.New([]byte("mode: strict"), egress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: guard.Transport(nil)}
	for range 3 {
		_, err = client.Get("https://paste.example/")
	}
	for _, d := range guard.Report().Destinations {
		fmt.Println(d.Host, d.Port, d.Denied, d.Reason, len(d.Callers))
	}
	fmt.Println(guard.Status().Mode, guard.Status().Denied, err != nil)
	// Output:
	// paste.example 443 3 default_policy 1
	// strict 3 true
}

func ExampleGuard_WebSockets() {
	guard, err := egress.New([]byte(`
websockets:
  inbound:
    allowed_origins: ["https://app.example.com"]
    require_authentication: false
`), egress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	handler := guard.WebSockets(http.NotFoundHandler(), nil)
	request := httptest.NewRequest("GET", "/ws", nil)
	request.Header.Set("Upgrade", "websocket")
	request.Header.Set("Origin", "https://evil.example")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Header().Get("X-Cordon-Decision"))
	// Output: 403 deny
}

// A program asks the Cordon of its machine: one policy for all, and a record of who
// asked from which line. While no server answers, nothing leaves.
func ExampleOptions_server() {
	guard, err := egress.New(nil, egress.Options{Server: "/nowhere/cordon.sock"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = (&http.Client{Transport: guard.Transport(nil)}).Get("http://api.example.com/")
	var denied *egress.AccessDeniedError
	fmt.Println(errors.As(err, &denied), denied.Reason)
	// Output: true no_server
}

// What docs/egress.md shows: a program that keeps itself to a policy, and one that asks a
// server.
func Example_documentation() {
	document := []byte("mode: strict\n")
	pool := struct {
		DialFunc func(ctx context.Context, network, address string) (net.Conn, error)
	}{}
	handler, mux := http.NotFoundHandler(), http.NewServeMux()
	authenticate := func(*http.Request) error { return nil }

	guard, err := egress.New(document, egress.Options{})
	if err != nil {
		panic(err)
	}
	client := &http.Client{Transport: guard.Transport(nil)} // every request, redirects too
	pool.DialFunc = guard.Dialer(policy.Postgres, true).DialContext
	mux.Handle("/ws", guard.WebSockets(handler, authenticate)) // from allowed origins only

	_, refused := client.Get("http://unknown.example/")
	var denied *egress.AccessDeniedError
	fmt.Println(errors.As(refused, &denied), pool.DialFunc != nil)

	func() {
		guard, err := egress.New(nil, egress.Options{Server: "/var/lib/cordon/cordon.sock"}) // the data directory's control socket
		fmt.Println(guard != nil, err)
	}()
	// Output:
	// true true
	// true <nil>
}
