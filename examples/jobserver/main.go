// Jobserver is a small service that uses both of Cordon's libraries: guard/anomaly
// watches who logs in, which containers are asked for and what jobs are called;
// guard/egress holds back what the service sends. README.md shows it at work.
//
// server.go is the service as it would be without them but for three lines, marked
// there; main.go makes the two and hands them in.
package main

import (
	"flag"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"time"

	"go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/guard/egress"
)

// outbound is what the service may send: reports, to one host, over TLS. A real
// one reads it from a file, or has Options.Server ask the machine's Cordon.
const outbound = `
mode: strict
allowlist:
  rules:
    - {id: reports, host: reports.example.com, ports: [443], protocols: [https]}
`

func main() {
	listen := flag.String("listen", "127.0.0.1:8088", "address to listen on")
	key := flag.String("key", "demo", "API key that callers show in X-API-Key")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := serve(*listen, *key, log); err != nil {
		log.Error("serving jobs", "err", err)
		os.Exit(1)
	}
}

func serve(listen, key string, log *slog.Logger) error {
	monitor, err := anomaly.New(anomaly.Options{Handler: anomaly.LogTo(log)})
	if err != nil {
		return err
	}
	defer monitor.Close()
	guard, err := egress.New([]byte(outbound), egress.Options{})
	if err != nil {
		return err
	}
	handler := newServer(key, monitor, &http.Client{Transport: guard.Transport(nil), Timeout: 10 * time.Second})
	// Behind a proxy of one's own, its address goes here: only then X-Forwarded-For
	// is believed.
	watched := monitor.Middleware(anomaly.HTTPOptions{TrustedProxies: []netip.Prefix{}})(handler)
	log.Info("jobs are taken", "url", "http://"+listen+"/jobs")
	return (&http.Server{Addr: listen, Handler: watched, ReadHeaderTimeout: 10 * time.Second}).ListenAndServe()
}
