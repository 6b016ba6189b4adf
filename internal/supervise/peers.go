package supervise

import (
	"maps"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// A node that is silent for so long is gone, and with it its workers. Whoever
// can send on the bus could name nodes without end, so their number is bounded.
const (
	forgetAfter = 3 * BeatInterval
	maxPeers    = 4096
)

// peer is a worker of another node as it was heard last.
type peer struct {
	Worker
	heard time.Time
}

// hear notes how a worker of another node fares.
func (s *Supervisor) hear(e event.Event) {
	var b event.WorkerBeat
	if e.Source == s.source || e.Decode(&b) != nil || b.Worker == "" {
		return
	}
	w := Worker{
		Name: b.Worker, State: State(b.State), Detail: shorten(b.Detail), Since: b.Since, Restarts: b.Restarts,
		Node: nodeOf(e.Source),
	}
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(now)
	key := w.Node + "/" + w.Name
	was, known := s.peers[key]
	if known || len(s.peers) < maxPeers {
		s.peers[key] = peer{w, now}
	}
	if fresh := !known || !was.Since.Equal(w.Since); fresh && w.Restarts == 0 {
		s.answer()
	}
}

// answer says how the workers of this node fare, so that a node that has just
// started need not wait for the next beat. What answers is no news, so it is
// not answered in turn.
func (s *Supervisor) answer() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

// forget drops the workers of nodes that fell silent. The caller holds mu.
func (s *Supervisor) forget(now time.Time) {
	maps.DeleteFunc(s.peers, func(_ string, p peer) bool { return now.Sub(p.heard) > forgetAfter })
}

// Cluster lists the workers of this node, by name, and then those of the other
// nodes that the bus tells of, by node and name.
func (s *Supervisor) Cluster() []Worker {
	all := s.Workers()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(s.clock.Now())
	for _, key := range slices.Sorted(maps.Keys(s.peers)) {
		all = append(all, s.peers[key].Worker)
	}
	return all
}

// nodeOf is the node of an envelope's source, which is node/service.
func nodeOf(source string) string {
	node, _, _ := strings.Cut(source, "/")
	return node
}
