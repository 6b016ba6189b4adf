package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"go.cordon.dev/cordon/internal/bus/natsbus"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/telemetry"
)

// newLog makes the log: text for a person's terminal, JSON for everything else.
func newLog(c config.Log, w *os.File) (*slog.Logger, *slog.LevelVar, error) {
	format := c.Format
	if format == "" && term.IsTerminal(int(w.Fd())) {
		format = telemetry.FormatText
	}
	return telemetry.NewLogger(w, telemetry.LogOptions{Level: c.Level, Format: format})
}

type stopFunc = func(context.Context) error

func (n *node) startHardening(context.Context) (stopFunc, error) { return nil, harden() }

func (n *node) startData(context.Context) (stopFunc, error) {
	if err := checkDataDir(n.cfg.Data.Dir, n.log); err != nil {
		return nil, err
	}
	lock, err := lockDir(n.cfg.Data.Dir)
	if err != nil {
		return nil, err
	}
	if n.owner, err = ownerOf(n.name, n.cfg.Data.Dir); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	n.lock = lock
	return func(context.Context) error { return lock.Unlock() }, nil
}

func (n *node) startKeys(context.Context) (_ stopFunc, err error) {
	n.keys, err = keys.Open(n.cfg.Data.Dir, n.cfg.Fingerprint)
	return nil, err
}

func (n *node) startMetrics(context.Context) (stopFunc, error) {
	n.metrics = telemetry.NewMetrics(telemetry.BuildInfo{Version: version})
	return nil, nil
}

func (n *node) startBus(context.Context) (stopFunc, error) {
	o := natsbus.Options{Name: n.name, Log: n.log, OnDrop: n.metrics.Bus.Dropped, OnHealth: n.busHealth}
	b, err := openBus(n.cfg.Bus, o)
	if err != nil {
		return nil, err
	}
	w, sub, err := newWakes(b)
	if err != nil {
		return nil, err
	}
	n.bus, n.wakes = b, w
	return func(context.Context) error {
		sub.Unsubscribe()
		return b.Close()
	}, nil
}

func openBus(c config.Bus, o natsbus.Options) (*natsbus.Bus, error) {
	if c.URL == "" {
		return natsbus.Embed(o)
	}
	return natsbus.Connect(c.URL, o)
}

func (n *node) busHealth(h event.BusHealth) {
	n.metrics.Bus.Connected(h.Connected)
	n.health.setBus(h)
}

// publish tells the bus what was committed. The rows are the truth: a bus that
// fails costs live listeners some time, and is logged by the bus itself.
func (n *node) publish(records []event.Record) {
	n.metrics.Store.Committed(len(records))
	for _, r := range records {
		if err := n.bus.Publish(context.Background(), r.Event); err != nil {
			n.log.Warn("publishing a stored event", "topic", r.Event.Topic, "event_id", r.Event.ID, "error", err)
		}
	}
}

// say writes a line for the person at the terminal.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
