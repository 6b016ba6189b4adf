package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/event"
)

// What there is room for, by how much is free: the floor is 1 GiB, of a small disk the
// twentieth part.
func TestADiskHasRoomForLessTheFullerItIs(t *testing.T) {
	const gib, mib = 1 << 30, 1 << 20
	for name, c := range map[string]struct {
		space space
		low   bool
		want  capture.Room
	}{
		"much":                        {space{100 * gib, 200 * gib}, false, capture.Plenty},
		"at the floor":                {space{gib, 200 * gib}, false, capture.Plenty},
		"below it":                    {space{gib - 1, 200 * gib}, false, capture.WordsOnly},
		"a little above, and was low": {space{gib + 1, 200 * gib}, true, capture.WordsOnly},
		"a quarter above":             {space{gib + gib/4, 200 * gib}, true, capture.Plenty},
		"a quarter of it":             {space{256 * mib, 200 * gib}, true, capture.WordsOnly},
		"less":                        {space{256*mib - 1, 200 * gib}, true, capture.None},
		"a small disk":                {space{52 * mib, 1000 * mib}, false, capture.Plenty},
		"a small disk, low":           {space{49 * mib, 1000 * mib}, false, capture.WordsOnly},
	} {
		if got := c.space.room(c.low); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The operator is told once of each change. What could not be told is told later, and a
// disk that cannot be asked is as it was.
func TestAnOperatorIsToldOnceOfAFullDisk(t *testing.T) {
	var told []string
	var s space
	var failing, refusing error
	d := &disk{
		node: "n1", now: time.Now, ask: func() (space, error) { return s, failing },
		emit: func(_ context.Context, e event.Event) error {
			if refusing != nil {
				return refusing
			}
			var p event.DiskSpace
			if err := json.Unmarshal(e.Data, &p); err != nil {
				return err
			}
			told = append(told, p.State+" "+e.Severity.String())
			return nil
		},
	}
	look := func(free uint64, looks int) {
		s = space{free << 20, 100 << 30}
		for range looks {
			_ = d.look(t.Context())
		}
	}
	look(5000, 3)
	look(900, 3)
	if c := d.check(); c.Status != degraded || !strings.Contains(c.Detail, "900 MiB are free") {
		t.Errorf("health: %+v", c)
	}
	refusing = errors.New("the store is away")
	look(100, 3)
	refusing = nil
	look(100, 3)
	failing = errors.New("no such file")
	look(5000, 3)
	if d.room() != capture.None {
		t.Errorf("a disk that cannot be asked has %v", d.room())
	}
	failing = nil
	look(5000, 3)
	if diff := gocmp.Diff([]string{"low high", "critical high", "ok info"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if c := d.check(); c.Status != ok || d.room() != capture.Plenty {
		t.Errorf("there is room again: %+v", c)
	}
}

// A folder's disk says how much room it has.
func TestADiskIsAsked(t *testing.T) {
	s, err := spaceOf(t.TempDir())
	if err != nil || s.total == 0 || s.free > s.total {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := spaceOf(t.TempDir() + "/none"); err == nil {
		t.Error("a folder that is not there has a disk")
	}
}
