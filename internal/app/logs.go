package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/ingest/syslog"
	"go.cordon.dev/cordon/internal/ingest/tail"
	"go.cordon.dev/cordon/internal/leak/source"
	filesource "go.cordon.dev/cordon/internal/leak/source/file"
)

// positionsName is the folder, in the data directory, of how far logs were read:
// they are this machine's, as the files are.
const positionsName = "logs"

// startLogs registers a worker for each log file, and one for syslog.
func (n *node) startLogs(ctx context.Context) (stopFunc, error) {
	c := n.cfg.Ingest
	if c == nil {
		return nil, nil
	}
	if n.records == nil {
		return nil, errors.New("nothing here takes the records that ingest would make")
	}
	for _, f := range c.Files {
		t := tail.New(tail.Options{
			Name: f.ID, Follower: logFollower{filesource.New(filesource.Config{Path: f.Path, Marker: n.keys.Ring}), f.ID, n.log},
			Positions: tail.Folder(filepath.Join(n.cfg.Data.Dir, positionsName)),
			Plugins:   parsersOf(f.Parsers), Recorder: n.records, Log: n.log,
		})
		if err := n.add("log-"+f.ID, t.Run); err != nil {
			return nil, err
		}
	}
	if !c.Syslog.On() {
		return nil, nil
	}
	return nil, n.startSyslog(ctx, c.Syslog)
}

// startSyslog opens the addresses and registers the worker. One that was stopped
// and starts again takes the same addresses.
func (n *node) startSyslog(ctx context.Context, c config.Syslog) error {
	o := syslog.Options{
		UDP: c.UDP, TCP: c.TCP, TLS: c.TLS.Listen, Allow: c.Networks(), Plugins: parsersOf(c.Parsers), Recorder: n.records, Log: n.log,
	}
	var err error
	if o.Config, err = syslogTLS(c.TLS, n.log); err != nil {
		return err
	}
	first, err := syslog.Listen(ctx, o)
	if err != nil {
		return fmt.Errorf("%w; give another address in ingest.syslog", err)
	}
	o.UDP, o.TCP, o.TLS = first.Addrs()
	n.syslog = first.Addrs
	n.heard.Store(first)
	return n.add("syslog", func(ctx context.Context) error {
		s := first
		if first = nil; s == nil {
			var err error
			if s, err = syslog.Listen(ctx, o); err != nil {
				return err
			}
			n.heard.Store(s)
		}
		return s.Serve(ctx)
	})
}

// announceLogs tells which logs are read.
func (n *node) announceLogs() {
	if n.cfg.Ingest == nil {
		return
	}
	for _, f := range n.cfg.Ingest.Files {
		say(n.out, "  log        %s (%s)", f.ID, f.Path)
	}
	if n.syslog == nil {
		return
	}
	udp, tcp, tls := n.syslog()
	for _, l := range []struct{ by, address string }{{"UDP", udp}, {"TCP", tcp}, {"TLS", tls}} {
		if l.address != "" {
			say(n.out, "  syslog     %s (%s)", l.address, l.by)
		}
	}
}

// syslogTLS is how the TLS address proves who it is, and who may send to it.
func syslogTLS(c config.SyslogTLS, log *slog.Logger) (*tls.Config, error) {
	if c.Listen == "" {
		return nil, nil
	}
	own, err := httpx.LoadCertificate(c.Cert, c.Key, log)
	if err != nil {
		return nil, fmt.Errorf("ingest.syslog.tls: %w", err)
	}
	t := own.Config()
	t.NextProtos = nil // syslog has none
	if c.ClientCA == "" {
		return t, nil
	}
	text, err := os.ReadFile(c.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("ingest.syslog.tls.client_ca: %w", err)
	}
	t.ClientCAs, t.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !t.ClientCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("ingest.syslog.tls.client_ca: %s holds no certificate in PEM", c.ClientCA)
	}
	return t, nil
}

// logFollower lends the leak sensor's follower of files to ingest: sensors do not
// know each other.
type logFollower struct {
	source source.Source
	name   string
	log    *slog.Logger
}

// Follow implements tail.Follower.
func (f logFollower) Follow(ctx context.Context, from json.RawMessage, deliver func(context.Context, tail.Batch) error) error {
	return f.source.Run(ctx, from, &logSink{f, deliver, source.Status{}})
}

// logSink is the sink of a file whose lines become records.
type logSink struct {
	logFollower
	deliver func(context.Context, tail.Batch) error
	last    source.Status
}

// Deliver implements source.Sink.
func (s *logSink) Deliver(ctx context.Context, b source.Batch) error {
	out := tail.Batch{Position: b.Position}
	for _, e := range b.Entries {
		out.Pieces = append(out.Pieces, tail.Piece{Data: e.Data, Seen: e.Overlap + e.Context})
	}
	for _, l := range b.Losses {
		out.Losses = append(out.Losses, l.Reason)
	}
	return s.deliver(ctx, out)
}

// Report implements source.Sink. It tells what people can do something about.
func (s *logSink) Report(now source.Status) {
	if now.State == s.last.State && now.Detail == s.last.Detail {
		return
	}
	if s.last = now; now.Detail != "" {
		s.log.Warn("following a log", "log", s.name, "state", string(now.State), "detail", now.Detail)
	}
}
