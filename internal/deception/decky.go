package deception

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// State is how a decky fares.
type State string

// The states of a decky.
const (
	Running  State = "running"  // every service listens
	Degraded State = "degraded" // some do not
	Failed   State = "failed"   // none does
	Stopped  State = "stopped"  // it is not open, or no longer
)

// Status is a decky as it is now.
type Status struct {
	Name      string
	Archetype string
	Hostname  string
	Distro    string // as its os-release names it
	Address   string
	State     State
	Detail    string    // why it is not running; empty when it is
	Since     time.Time // of the state
	Services  []ServiceStatus

	Generation   int           // how often it has mutated
	MutateEvery  time.Duration // about; 0: when somebody says so only
	NextMutation time.Time     // zero: none is planned
}

// ServiceStatus is one service of a decky as it is now.
type ServiceStatus struct {
	Kind      string
	Port      uint16
	Listening bool
	Detail    string // why not
	Clients   int    // that are there now
	Sessions  uint64 // that were there since the start, those of now included
	Refused   uint64 // clients that were turned away because there were too many
}

// decky is one decky and its doors.
type decky struct {
	spec    Spec // as it is wanted
	now     Spec // as this generation shows it
	persona *persona.Persona
	fleet   *Fleet
	doors   []*door
	ctx     context.Context // ends with the decky
	cancel  context.CancelFunc

	mu     sync.Mutex
	state  State
	detail string
	since  time.Time
}

// open opens the doors that are shut. What cannot be opened is said in status.
func (d *decky) open() {
	for _, v := range d.doors {
		v.open()
	}
	d.judge()
}

// stop shuts the doors and parts with the clients. It returns when all are gone.
func (d *decky) stop() {
	d.cancel()
	for _, v := range d.doors {
		v.shut()
	}
	d.become(Stopped, "")
}

// judge sets the state by the doors.
func (d *decky) judge() {
	var shut []string
	for _, v := range d.doors {
		if s := v.status(); !s.Listening {
			shut = append(shut, fmt.Sprintf("%s: %s", s.Kind, s.Detail))
		}
	}
	switch {
	case len(shut) == 0:
		d.become(Running, "")
	case len(shut) == len(d.doors):
		d.become(Failed, strings.Join(shut, "; "))
	default:
		d.become(Degraded, strings.Join(shut, "; "))
	}
}

func (d *decky) become(s State, detail string) {
	d.mu.Lock()
	same := d.state == s && d.detail == detail
	if d.state != s {
		d.since = d.fleet.deps.Clock.Now()
	}
	d.state, d.detail = s, detail
	d.mu.Unlock()
	if !same {
		d.fleet.deps.Told(d.status())
	}
}

func (d *decky) status() Status {
	d.mu.Lock()
	s := Status{
		Name: d.spec.Name, Archetype: d.spec.Archetype, Hostname: d.persona.Hostname, Distro: d.persona.OS.Pretty,
		Address: d.spec.Address, State: d.state, Detail: d.detail, Since: d.since, Generation: d.spec.Generation,
	}
	d.mu.Unlock()
	for _, v := range d.doors {
		s.Services = append(s.Services, v.status())
	}
	slices.SortFunc(s.Services, func(a, b ServiceStatus) int { return int(a.Port) - int(b.Port) })
	return s
}
