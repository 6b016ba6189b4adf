package capture

import (
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// draft is a batch in the making.
type draft struct {
	batch    Batch
	attempts map[string]int    // by identity: the place in batch.Attempts
	screens  map[string]*lines // by session
	order    []string          // of sessions with lines
	touched  map[string]*live  // sessions
}

// lines are what a batch adds to a terminal's record.
type lines struct {
	text  []byte
	from  int64 // where they begin
	first time.Time
}

// prepare makes a batch of observations: from here on nothing of an attacker's is
// in the clear.
func (r *Recorder) prepare(all []service.Observation) Batch {
	d := &draft{
		batch: Batch{ID: id.New(), Node: r.deps.Node}, attempts: map[string]int{}, screens: map[string]*lines{}, touched: map[string]*live{},
	}
	for _, o := range all {
		s := r.session(o)
		r.add(d, s, o)
		if s.kept {
			d.touched[s.ID] = s
		}
		if o.Type == service.Disconnected {
			r.leave(s.ID)
		}
	}
	r.chunks(d)
	for _, s := range d.touched {
		d.batch.Sessions = append(d.batch.Sessions, s.Session)
	}
	slices.SortFunc(d.batch.Sessions, func(a, b Session) int { return strings.Compare(a.ID, b.ID) })
	return d.batch
}

// add adds an observation to a draft, unless it is left out. A session is on record once
// something of it is.
func (r *Recorder) add(d *draft, s *live, o service.Observation) {
	if o.Frame != nil {
		r.frame(d, s, o)
		return
	}
	if !r.keeps(s, o) {
		s.leaveOut(o)
		return
	}
	s.kept = true
	if err := r.entry(d, s, o); err != nil {
		r.lost.Add(1)
		r.deps.Log.Error("an observation cannot be stored", "decky", o.Decky, "service", o.Service, "type", o.Type, "error", err)
	}
}

// remembered is how many sessions are remembered behind their end: what a service
// says late belongs to them.
const remembered = 1_024

func (r *Recorder) leave(session string) {
	if r.ended = append(r.ended, session); len(r.ended) > remembered {
		delete(r.sessions, r.ended[0])
		r.ended = r.ended[1:]
	}
}

func (r *Recorder) session(o service.Observation) *live {
	s := r.sessions[o.Session]
	if s == nil {
		s = newLive(o, r.deps.Node)
		r.sessions[o.Session] = s
	}
	return s
}

// entry adds what is not a frame.
func (r *Recorder) entry(d *draft, s *live, o service.Observation) error {
	e := Entry{Log: Log{
		ID: id.New(), Timestamp: o.At, Node: r.deps.Node, Decky: o.Decky, Service: o.Service, EventType: string(o.Type), AttackerIP: s.AttackerIP,
		Session: o.Session, Number: o.Number, Summary: r.summary(o, s),
	}}
	principal := ""
	if o.Credential != nil {
		principal = r.principal(o.Credential.Principal, s)
	}
	s.observe(o, e.Summary, principal)
	var err error
	if r.fits(o) {
		if e.Sealed, err = r.evidence(e.ID, o); err != nil {
			return err
		}
	}
	e.HasMore = e.Sealed != nil
	if e.encoded, err = r.event(e, s, o); err != nil {
		return err
	}
	e.Event = e.encoded.Event()
	d.batch.Entries = append(d.batch.Entries, e)
	if o.Artifact != nil {
		d.batch.Artifacts = append(d.batch.Artifacts, r.artifact(e, o, s))
	}
	if o.Credential != nil {
		return r.attempt(d, e, *o.Credential, principal)
	}
	return nil
}

// evidence seals what a client sent, but not what it tried as a secret: that is in
// its credential. nil when there is nothing.
func (r *Recorder) evidence(logID string, o service.Observation) ([]byte, error) {
	if o.Type == service.Connected || o.Type == service.Disconnected {
		return nil, nil
	}
	e := Evidence{Raw: o.Raw, Fields: sealedFields(o.Fields)}
	if c := o.Credential; c != nil {
		e.Fields = append(e.Fields, EvidenceField{"principal", []byte(c.Principal)})
		e.Fields = append(e.Fields, sealedFields(c.Details)...)
	}
	if a := o.Artifact; a != nil {
		e.Fields = append(e.Fields, EvidenceField{"path", []byte(a.Path)})
	}
	if len(e.Fields) == 0 && len(e.Raw) == 0 {
		return nil, nil
	}
	return r.deps.Sealer.sealJSON(logAAD(logID), e)
}

func sealedFields(fields []service.Field) (out []EvidenceField) {
	for _, f := range fields {
		out = append(out, EvidenceField{f.Name, []byte(f.Value)})
	}
	return out
}

// event is what is said of an entry. It has the entry's id.
func (r *Recorder) event(e Entry, s *live, o service.Observation) (event.Encoded, error) {
	c := contact(e.Decky, e.Service, e.AttackerIP, e.Session, e.Timestamp)
	var p event.Payload
	subject := s.AttackerIP + " on " + e.Decky + " (" + e.Service + ")"
	switch o.Type {
	case service.Connected:
		p = event.SessionStarted{Contact: c, SourcePort: s.AttackerPort}
	case service.Disconnected:
		p = event.SessionEnded{
			Contact: c, Seconds: max(o.At.Sub(s.StartedAt), 0).Seconds(), LoggedIn: s.LoggedIn, Attempts: s.Attempts, Commands: s.Commands,
			Artifacts: s.Artifacts, Transcript: s.screen.size, Dropped: s.Dropped,
		}
	default:
		claim, by := claimed(o)
		p = event.DeckyTraffic{
			Contact: c, Type: e.EventType, Number: e.Number, Interaction: o.Type.Interaction(), Summary: e.Summary, ClaimedIP: claim, ClaimedBy: by,
			Hosts: r.hosts(o, s),
		}
		subject = e.EventType + " on " + e.Decky + " (" + e.Service + ")"
	}
	h := event.Header{Time: e.Timestamp, Source: r.deps.Node + "/deception", Severity: e.Severity(), Subject: subject, CorrelationID: e.Session}
	return event.Make(h, p, e.ID)
}

// artifact keeps the content of a file. When there is no room for it, the rest is
// kept all the same.
func (r *Recorder) artifact(e Entry, o service.Observation, s *live) Artifact {
	a := Artifact{
		ID: id.New(), Timestamp: e.Timestamp, Node: e.Node, Decky: e.Decky, Service: e.Service, AttackerIP: e.AttackerIP, Session: e.Session, LogID: e.ID,
		Kind: o.Artifact.Kind, MediaType: o.Artifact.MediaType, Path: r.plain(s.mask(o.Artifact.Path)), Day: e.Timestamp.UTC().Format(time.DateOnly),
		Size: o.Artifact.Size, Kept: uint64(len(o.Artifact.Data)),
	}
	var err error
	if a.SHA256, err = r.blob(o, a.Day); err != nil {
		a.Kept = 0
		r.dropped.Add(1)
		r.deps.Log.Error("the content of an artifact is dropped", "artifact", a.ID, "bytes", len(o.Artifact.Data), "error", err)
	}
	return a
}

func (r *Recorder) blob(o service.Observation, day string) (hash string, err error) {
	if r.room() > Plenty {
		return hashOf(o.Artifact.Data), errNoRoom
	}
	return r.deps.Blobs.Write(service.Peer(o.Client.Addr()), day, o.Artifact.Data)
}

// attempt adds a credential, or counts it when the batch has it.
func (r *Recorder) attempt(d *draft, e Entry, c service.Credential, principal string) error {
	print := r.deps.Ring.Fingerprint(c.Secret)
	who := r.deps.Ring.MessageHash([]byte(c.Principal))
	identity := r.deps.Ring.MessageHash([]byte(strings.Join([]string{c.Kind, print, who, e.Decky, e.Service, e.AttackerIP}, "\x00")))
	if k, met := d.attempts[identity]; met {
		a := &d.batch.Attempts[k]
		a.Attempts, a.Accepted, a.LastSeen = a.Attempts+1, a.Accepted || c.Accepted, e.Timestamp
		return nil
	}
	a := Attempt{Credential: Credential{
		ID: id.New(), Kind: c.Kind, Principal: principal, Fingerprint: print, Decky: e.Decky, Service: e.Service, AttackerIP: e.AttackerIP,
		Session: e.Session, Attempts: 1, Accepted: c.Accepted, FirstSeen: e.Timestamp, LastSeen: e.Timestamp,
	}, Node: e.Node, Identity: identityKey(identity), Prints: r.deps.Ring.Fingerprints(c.Secret), EventID: id.New()}
	var err error
	a.Sealed, err = r.deps.Sealer.sealJSON(credentialAAD(a.ID), tried{Principal: []byte(c.Principal), Secret: c.Secret[:min(len(c.Secret), service.MaxField)], Details: sealedFields(c.Details)})
	if err != nil {
		return err
	}
	d.attempts[identity] = len(d.batch.Attempts)
	d.batch.Attempts = append(d.batch.Attempts, a)
	return nil
}

// identityKey is the hash alone, which fits an id's column.
func identityKey(print string) string { return print[strings.LastIndexByte(print, ':')+1:] }

// frame adds a line to a session's record, unless the attacker's share is used up.
func (r *Recorder) frame(d *draft, s *live, o service.Observation) {
	if !r.fits(o) {
		s.SeenAt = o.At
		return
	}
	l := d.screens[s.ID]
	if l == nil {
		l = &lines{from: s.screen.size, first: o.At}
		d.screens[s.ID], d.order = l, append(d.order, s.ID)
	}
	l.text = s.screen.line(l.text, o.At, *o.Frame)
	s.Transcript, s.SeenAt, s.kept = s.screen.size, o.At, true
}

// chunks seals the lines of a batch, those of a session together.
func (r *Recorder) chunks(d *draft) {
	for _, session := range d.order {
		l := d.screens[session]
		if len(l.text) == 0 {
			continue
		}
		c := Chunk{
			ID: id.New(), Day: l.first.UTC().Format(time.DateOnly), Session: session, Decky: d.touched[session].Decky, Begins: l.from, Bytes: int64(len(l.text)),
		}
		c.Sealed = r.deps.Sealer.Seal(chunkAAD(c.ID), l.text)
		d.batch.Chunks = append(d.batch.Chunks, c)
	}
}
