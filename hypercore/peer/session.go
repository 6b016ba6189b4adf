package peer

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/hypercore/wire"
)

// session is one core's part of one connection.
type session struct {
	*replica
	lane *lane

	opened bool
	dirty  bool // something was said that Sync must tell

	remote  wire.Sync // what the peer says it has
	synced  bool      // it has said so
	refused wire.Sync // what it could not prove of that
	since   time.Time // when that was found out
	doubt   error     // a longer tree was not signed: either a lie, or another tree was
	tree    *tree     // nil until something is proven
	window  window
	hope    time.Time // when the peer last said that it has got blocks
	tried   time.Time // when blocks of gaps were asked for

	id       uint64    // of the last request
	progress time.Time // of what is asked for
	answer   *wire.Data
	asked    uint64 // id of the one question that is not about a block, or 0
}

func newSession(r *replica, l *lane) *session {
	now := time.Now()
	return &session{replica: r, lane: l, progress: now, hope: now, window: newWindow(r.opts)}
}

// run reads until the connection, or the core's part of it, ends.
func (s *session) run(ctx context.Context) error {
	for {
		if err := s.step(ctx); err != nil {
			return err
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
}

// step does what is to be done with what the peer has said.
func (s *session) step(ctx context.Context) error {
	if !s.opened || !s.synced {
		return nil
	}
	if err := s.grow(); err != nil {
		return err
	}
	if s.mustAlign() {
		if err := s.align(ctx); err != nil {
			return err
		}
	}
	if err := s.bridge(ctx); err != nil {
		return err
	}
	s.upgrade()
	if err := s.download(ctx); err != nil {
		return err
	}
	s.report()
	return nil
}

// report tells how the peer stands to what was read.
func (s *session) report() {
	st := State{Status: Live, Peer: s.lane.address}
	if s.tree != nil {
		st.Length = s.tree.peaks.Length
	}
	switch {
	case s.isBehind():
		st.Status, st.Err, st.Length = Behind, ErrBehind, max(st.Length, s.position())
	case s.window.missing:
		st.Status = Incomplete
		st.Err = fmt.Errorf("%w: block %d", ErrWithheld, s.position())
	case s.remote.Length > 0 && s.remote == s.refused:
		st.Status = Incomplete
		st.Err = fmt.Errorf("%w: the tree of %d blocks that it says to have", ErrWithheld, s.remote.Length)
	}
	s.tell(st)
}

// isBehind reports a peer that has less than was read.
func (s *session) isBehind() bool {
	return s.remote.Fork < s.fork || (s.remote.Fork == s.fork && s.remote.Length < s.position())
}

// wait sends what is to be said and takes in what the peer says: one frame, and those that
// are there already, as long as they are few.
func (s *session) wait(ctx context.Context) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	if s.lane.empty() {
		if err := s.rest(ctx); err != nil {
			return err
		}
	}
	if err := s.take(); err != nil {
		return err
	}
	return s.tick(ctx)
}

// rest waits until something comes, or is due.
func (s *session) rest(ctx context.Context) error {
	timer := time.NewTimer(time.Until(s.alarm()))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-s.lane.news:
	case <-s.lane.ended:
	}
	return nil
}

// alarm is when something is due though the peer says nothing.
func (s *session) alarm() time.Time {
	heard, said := s.lane.times()
	at := said.Add(s.opts.KeepAlive)
	for _, t := range []time.Time{heard.Add(s.opts.Idle), s.overdue(), s.window.retryAt(), s.refusedUntil(), s.bridgeAt()} {
		if !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	return at
}

// refusing reports that the peer was just asked to prove what it says, and could not.
func (s *session) refusing() bool {
	return s.remote == s.refused && time.Now().Before(s.since.Add(s.opts.Retry))
}

// refusedUntil is when to ask again for a proof; zero when none was refused.
func (s *session) refusedUntil() time.Time {
	if s.remote != s.refused || s.remote.Length == 0 || s.asked != 0 {
		return time.Time{}
	}
	return s.since.Add(s.opts.Retry)
}

// refuse notes that the peer could not prove what it said.
func (s *session) refuse(said wire.Sync) { s.refused, s.since = said, time.Now() }

// overdue is when the peer should have answered; zero when nothing was asked.
func (s *session) overdue() time.Time {
	if s.synced && s.asked == 0 && len(s.window.sent) == 0 {
		return time.Time{}
	}
	return s.progress.Add(s.opts.Answer)
}

// tick does what is due by the clock.
func (s *session) tick(ctx context.Context) error {
	now := time.Now()
	heard, said := s.lane.times()
	switch due := s.overdue(); {
	case !s.synced && !now.Before(due):
		return fmt.Errorf("%w: it has not said what it has of it", ErrUnknownCore)
	case !due.IsZero() && !now.Before(due):
		return ErrTimeout
	case !now.Before(heard.Add(s.opts.Idle)):
		return fmt.Errorf("%w: not a word for %v", ErrTimeout, s.opts.Idle)
	}
	if !now.Before(said.Add(s.opts.KeepAlive)) {
		return s.lane.keepAlive(ctx)
	}
	return nil
}

func (s *session) flush(ctx context.Context) error {
	if s.dirty {
		s.dirty = false
		s.send(s.sync())
	}
	return s.lane.flush(ctx)
}

// sync says what this end has: the tree, and no blocks to give. Downloading keeps the
// channel open.
func (s *session) sync() wire.Sync {
	m := wire.Sync{CanUpgrade: true, Downloading: true}
	if s.tree != nil {
		m.Fork, m.Length = s.tree.fork, s.tree.peaks.Length
		if m.Fork == s.remote.Fork {
			m.RemoteLength = s.remote.Length
		}
	}
	return m
}

func (s *session) send(m wire.Replication) { s.lane.send(m.Type(), m.AppendTo(nil)) }

// framesAtOnce bounds the frames that are heard before something is done about them.
const framesAtOnce = 64

// take hears the frames that are there. When there is none any more and will be none, it
// is the reason.
func (s *session) take() error {
	for n := 1; ; n++ {
		over := s.lane.lost() // before looking: what came before the end counts
		messages := s.lane.take()
		if messages == nil {
			return over
		}
		for _, m := range messages {
			if err := s.hear(m); err != nil {
				return err
			}
		}
		if n == framesAtOnce || s.window.heldBytes >= s.opts.BatchBytes {
			return nil
		}
	}
}

func (s *session) hear(m wire.Message) error {
	switch m.Event {
	case wire.Rejected:
		return ErrUnknownCore
	case wire.Closed:
		return fmt.Errorf("%w: it closed the core's channel", ErrClosed)
	case wire.Opened:
		return s.open(m.Body)
	}
	r, err := wire.Decode(m.Type, m.Body)
	if err != nil {
		return err
	}
	s.on(r)
	return nil
}

func (s *session) open(body []byte) error {
	g, err := wire.DecodeGreeting(body)
	if err != nil {
		return err
	}
	if g.Capability != s.lane.capability(!s.lane.conn.Role(), s.key) {
		return ErrCapability
	}
	s.opened, s.dirty = true, true
	return nil
}

// on notes what a message says.
func (s *session) on(m wire.Replication) {
	switch m := m.(type) {
	case wire.Sync:
		s.remote, s.synced = m, true
	case wire.Data:
		s.onData(m)
	case wire.NoData:
		s.onData(wire.Data{Request: m.Request})
	case wire.Range:
		if !m.Drop {
			s.announced()
		}
	case wire.Bitfield:
		s.announced()
	case wire.Request:
		s.send(wire.NoData{Request: m.ID}) // nothing was offered
	}
}

// onData notes an answer. Answers to what was not asked, or is not of interest any more,
// are passed over.
func (s *session) onData(m wire.Data) {
	switch {
	case s.asked != 0 && m.Request == s.asked:
		s.asked, s.answer, s.progress = 0, &m, time.Now()
	case s.window.take(m):
		s.progress = time.Now()
	}
}

// request numbers a request and sends it.
func (s *session) request(m wire.Request) uint64 {
	if s.asked == 0 && len(s.window.sent) == 0 {
		s.progress = time.Now()
	}
	s.id++
	m.ID = s.id
	s.send(m)
	return s.id
}

// ask sends a request and waits for its answer.
func (s *session) ask(ctx context.Context, m wire.Request) (wire.Data, error) {
	s.asked, s.answer = s.request(m), nil
	for s.answer == nil {
		if err := s.wait(ctx); err != nil {
			return wire.Data{}, err
		}
	}
	a := *s.answer
	s.answer = nil
	return a, nil
}
