package httpx

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func loopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// serve runs a server and returns its stop, which waits.
func serve(t *testing.T, o ServerOptions, l net.Listener) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- NewServer(o).Serve(ctx, l) }()
	return func() error {
		cancel()
		return <-done
	}
}

// fetch makes a request on a connection of its own.
func fetch(network, addr string) (status int, body string, err error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		},
	}
	resp, err := (&http.Client{Transport: transport}).Get("http://cordon.test/")
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func TestStopLetsRunningRequestsEnd(t *testing.T) {
	l := loopback(t)
	entered, release := make(chan struct{}), make(chan struct{})
	stop := serve(t, ServerOptions{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() != nil {
			t.Error("the request's context ended with the server's")
		}
		_, _ = io.WriteString(w, "done")
	}), OnStop: func() { close(release) }}, l)
	got := make(chan string, 1)
	go func() {
		_, body, err := fetch("tcp", l.Addr().String())
		if err != nil {
			t.Errorf("the running request was cut: %v", err)
		}
		got <- body
	}()
	<-entered
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if body := <-got; body != "done" {
		t.Errorf("answer %q", body)
	}
	if _, _, err := fetch("tcp", l.Addr().String()); err == nil {
		t.Error("the server answers after its stop")
	}
}

func TestStopCutsWhatOverstays(t *testing.T) {
	l := loopback(t)
	entered, ended := make(chan struct{}), make(chan struct{})
	stop := serve(t, ServerOptions{Drain: 10 * time.Millisecond, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		defer close(ended)
		close(entered)
		<-r.Context().Done()
	})}, l)
	go func() { _, _, _ = fetch("tcp", l.Addr().String()) }()
	<-entered
	if err := stop(); err == nil || !strings.Contains(err.Error(), "were cut") {
		t.Errorf("stop: %v, want an error that tells of the cut", err)
	}
	<-ended
}

func TestServeReportsABrokenListener(t *testing.T) {
	l := loopback(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	err := NewServer(ServerOptions{Handler: http.NotFoundHandler()}).Serve(context.Background(), l)
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("error %v does not name the address", err)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	l := loopback(t)
	stop := serve(t, ServerOptions{Handler: http.NotFoundHandler()}, l)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 2*maxHeaderBytes)+"\r\n\r\n")
	}()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "431") {
		t.Errorf("answer %q, %v; want 431", line, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
