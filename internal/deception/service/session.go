package service

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/id"
)

// What is kept of one client. What goes beyond is counted by the last
// observation, not kept.
const (
	MaxRaw          = 64 << 10 // bytes of one observation
	MaxField        = 8 << 10  // bytes of a field's value
	MaxSecret       = 64 << 10 // bytes of a secret that was tried, all of which its fingerprint is of
	MaxFields       = 64       // of an observation
	MaxArtifact     = 32 << 20 // bytes of a file that is kept
	MaxArtifacts    = 64       // files of a session
	MaxObservations = 20_000   // of a session
	MaxEvidence     = 16 << 20 // bytes of a session's observations, without files and terminal; small ones are kept behind it, too
	MaxScreen       = 16 << 20 // bytes of a session's terminal
)

// Sink takes observations. Take keeps nobody's memory: what it gets is its own.
// While its queue is full it waits, so that a client becomes slow and nothing
// is lost; after its end it returns at once.
type Sink interface {
	Take(Observation)
}

// Session takes down what one client does. Its methods are safe for concurrent
// use and cost nothing once the session's bounds are reached.
type Session struct {
	sink   Sink
	clock  clock.Clock
	header Observation

	mu        sync.Mutex
	number    uint64
	evidence  int // bytes of what was kept
	artifacts int
	screen    int
	dropped   uint64
}

// NewSession begins the session of one connection and records that. Whoever
// begins it calls End.
func NewSession(sink Sink, c clock.Clock, decky, kind string, client, local netip.AddrPort) *Session {
	s := &Session{sink: sink, clock: c, header: Observation{
		Session: id.New(), Decky: decky, Service: kind, Client: unmap(client), Local: unmap(local),
	}}
	s.Record(Connected, nil)
	return s
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// ID is the session's, a UUIDv7.
func (s *Session) ID() string { return s.header.Session }

// Client is the peer's address and port.
func (s *Session) Client() netip.AddrPort { return s.header.Client }

// Local is where the client arrived.
func (s *Session) Local() netip.AddrPort { return s.header.Local }

// Record says what the client did. raw is what it sent, nil when that adds
// nothing to the fields.
func (s *Session) Record(t Type, raw []byte, fields ...Field) {
	s.take(Observation{Type: t, Raw: raw, Fields: fields})
}

// Attempt says that a credential was tried.
func (s *Session) Attempt(c Credential) {
	c.Details = bounded(c.Details)
	c.Principal, c.Secret = clip(c.Principal), append([]byte{}, c.Secret[:min(len(c.Secret), MaxSecret)]...)
	s.take(Observation{Type: LoginAttempt, Credential: &c})
}

// Keep says that a client left a file. Data is copied.
func (s *Session) Keep(a Artifact, fields ...Field) {
	a.Size = max(a.Size, uint64(len(a.Data)))
	s.mu.Lock()
	s.artifacts++
	room := s.artifacts <= MaxArtifacts
	s.mu.Unlock()
	if !room {
		a.Data = nil // that there was one is still told
	}
	a.Path, a.Data = clip(a.Path), append([]byte{}, a.Data[:min(len(a.Data), MaxArtifact)]...)
	s.take(Observation{Type: Upload, Artifact: &a, Fields: fields})
}

// End says that the connection ended, and how much of what the client did was
// not kept.
func (s *Session) End(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(Observation{Type: Disconnected, Fields: bounded([]Field{{"reason", reason}}), Dropped: s.dropped})
}

func (s *Session) take(o Observation) {
	o.Fields = bounded(o.Fields)
	o.Raw = append([]byte(nil), o.Raw[:min(len(o.Raw), MaxRaw)]...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.room(o.evidence()) {
		s.dropped++
		return
	}
	s.put(o)
}

// small is the size in bytes of an observation that is kept however much came
// before: who sends much first does not hide what he does then.
const small = 1 << 10

// room reports whether an observation of so many bytes is kept, and counts them.
// The caller holds mu.
func (s *Session) room(bytes int) bool {
	if s.number >= MaxObservations || bytes > small && s.evidence+bytes > MaxEvidence {
		return false
	}
	s.evidence += bytes
	return true
}

// put hands an observation on. Number and order agree because the sink is
// called under the lock: one client waiting for the store is meant to wait.
func (s *Session) put(o Observation) {
	s.number++
	o.Number = s.number
	s.hand(o)
}

// hand adds whose observation it is. The caller holds mu.
func (s *Session) hand(o Observation) {
	o.Session, o.Decky, o.Service = s.header.Session, s.header.Decky, s.header.Service
	o.Client, o.Local, o.At = s.header.Client, s.header.Local, s.clock.Now()
	s.sink.Take(o)
}

// Screen begins the record of a terminal of the given size; the session has at
// most one at a time.
func (s *Session) Screen(columns, rows int) *Screen {
	v := &Screen{session: s, opened: s.clock.Now()}
	v.frame(Frame{Code: 'r', Columns: columns, Rows: rows})
	return v
}

// Screen records a terminal.
type Screen struct {
	session *Session
	opened  time.Time
}

// Output records what the decky showed.
func (v *Screen) Output(b []byte) { v.frame(Frame{Code: 'o', Data: b}) }

// Input records what the client typed.
func (v *Screen) Input(b []byte) { v.frame(Frame{Code: 'i', Data: b}) }

// Resize records that the client's window has another size.
func (v *Screen) Resize(columns, rows int) {
	v.frame(Frame{Code: 'r', Columns: columns, Rows: rows})
}

func (v *Screen) frame(f Frame) {
	s := v.session
	f.Elapsed, f.Data = s.clock.Now().Sub(v.opened), append([]byte(nil), f.Data...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.screen += len(f.Data) + 16
	if s.screen > MaxScreen {
		s.dropped++
		return
	}
	s.hand(Observation{Frame: &f})
}

func bounded(fields []Field) []Field {
	out := make([]Field, 0, min(len(fields), MaxFields))
	for _, f := range fields[:min(len(fields), MaxFields)] {
		out = append(out, Field{f.Name, clip(f.Value)})
	}
	return out
}

// clip cuts a value. What is cut off is not held on to, however long an observation
// waits.
func clip(s string) string {
	if len(s) <= MaxField {
		return s
	}
	return strings.Clone(s[:MaxField])
}
