package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/telemetry"
)

// Below the floor of the data directory's disk nothing more is kept of what attackers
// send, below a part of it nothing of what they do: the database and the other sensors
// have the rest. The floor is leastFree, of a small disk the twentieth part.
const (
	leastFree = 1 << 30
	floorPart = 20
	lastPart  = 4 // of the floor
	diskEvery = 2 * time.Second
)

// space is how much of a disk is free, in bytes.
type space struct{ free, total uint64 }

func (s space) floor() uint64 { return min(leastFree, s.total/floorPart) }

// room is what there is room for. A disk that was low has room again when it is a
// quarter above the floor, so that it is not told of back and forth.
func (s space) room(low bool) capture.Room {
	floor := s.floor()
	switch {
	case s.free < floor/lastPart:
		return capture.None
	case s.free < floor, low && s.free < floor+floor/4:
		return capture.WordsOnly
	}
	return capture.Plenty
}

// disk watches the data directory's.
type disk struct {
	node string
	ask  func() (space, error)
	emit func(context.Context, event.Event) error
	now  func() time.Time

	mu   sync.Mutex
	last space
	is   capture.Room
	told capture.Room
	err  error
}

// look asks once, and tells of it when there is less room than there was told of, or
// room again. The error says what could not be done; the next look tries again.
func (d *disk) look(ctx context.Context) error {
	s, err := d.ask()
	d.mu.Lock()
	d.err = err
	if err == nil {
		d.last, d.is = s, s.room(d.is > capture.Plenty)
	}
	is, told := d.is, d.told
	d.mu.Unlock()
	if err != nil || is == told {
		return err
	}
	if err := d.tell(ctx, s, is); err != nil {
		return err
	}
	d.mu.Lock()
	d.told = is
	d.mu.Unlock()
	return nil
}

func (d *disk) tell(ctx context.Context, s space, is capture.Room) error {
	level, now := event.Info, d.now().UTC()
	if is > capture.Plenty {
		level = event.High
	}
	e, err := event.New(event.Header{Time: now, Source: d.node + "/disk", Severity: level, Subject: d.node}, event.DiskSpace{
		Node: d.node, State: roomWord(is), FreeBytes: s.free, FloorBytes: s.floor(), TotalBytes: s.total, OccurredAt: now.Truncate(time.Microsecond),
	})
	if err != nil {
		return err
	}
	return d.emit(ctx, e)
}

func roomWord(r capture.Room) string {
	switch r {
	case capture.WordsOnly:
		return "low"
	case capture.None:
		return "critical"
	}
	return ok
}

// room is what there was room for when it was looked last.
func (d *disk) room() capture.Room {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.is
}

// check is the disk's health.
func (d *disk) check() api.Check {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := api.Check{Name: "disk", Kind: "disk", Status: ok}
	switch {
	case d.err != nil:
		c.Detail = d.err.Error()
	case d.is > capture.Plenty:
		c.Status = degraded
		c.Detail = fmt.Sprintf("%d MiB are free where the data are; below %d MiB what attackers send to deckies is not kept: make room", d.last.free>>20, d.last.floor()>>20)
	}
	return c
}

// startDisk looks once before anything is kept, and registers the worker that goes on.
func (n *node) startDisk(ctx context.Context) (stopFunc, error) {
	n.disk = &disk{node: n.name, ask: func() (space, error) { return spaceOf(n.cfg.Data.Dir) }, emit: n.emit, now: time.Now}
	if err := n.disk.look(ctx); err != nil {
		n.log.Warn("how much room the disk has is not known: what attackers leave is bounded by its own limits only", "error", err)
	}
	return nil, n.add("disk", n.watchDisk)
}

// watchDisk looks again and again until ctx ends. What fails it says at the start, and
// the health check does.
func (n *node) watchDisk(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(diskEvery):
		}
		if err := n.disk.look(ctx); err != nil {
			n.log.Debug("looking how much room the disk has", "error", err)
		}
	}
}

// roomLeft is what there is room for; everything in a command, which does not look.
func (n *node) roomLeft() capture.Room {
	if n.disk == nil {
		return capture.Plenty
	}
	return n.disk.room()
}

// diskSample is how the disk fares and what was not kept, for scrapes.
func (n *node) diskSample() (s telemetry.DiskSample) {
	n.disk.mu.Lock()
	s.Free, s.Floor = n.disk.last.free, n.disk.last.floor()
	n.disk.mu.Unlock()
	if n.evidence != nil && n.evidence.recorder != nil {
		r := n.evidence.recorder.Stats()
		s.Unkept, s.UnkeptBytes = r.Unkept, r.UnkeptBytes
	}
	return s
}
