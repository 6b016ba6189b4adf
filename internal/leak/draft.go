package leak

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak/source"
)

// draft gathers what one batch leads to.
type draft struct {
	deps       *Deps
	watch      Watch
	now        time.Time
	policy     Policy // of the source
	messages   int
	notScanned int
	findings   []Row[Finding]
	quarantine []Row[Quarantine]
	stories    []story
	err        error // why an event could not be made; nil when all were
}

func newDraft(d *Deps, w Watch, p Policy, now time.Time) *draft {
	return &draft{deps: d, watch: w, now: now, policy: p}
}

func (d *draft) commit(position json.RawMessage, took time.Duration) (Commit, error) {
	return Commit{
		SourceID: d.watch.ID, Position: position, Findings: d.findings, Quarantine: d.quarantine,
		Metrics: Tally{
			Day: d.now.UTC().Format(time.DateOnly), Messages: d.messages, Secrets: len(d.findings), Latency: took,
		},
	}, d.err
}

// scan examines one entry and drafts its rows.
func (d *draft) scan(e source.Entry) {
	m := parse(e)
	if !d.watch.Types.passes(m.kind) {
		return
	}
	d.messages++
	began := d.deps.Clock.Now()
	x := examine(d.deps.Scanner, m)
	defer x.wipe()
	d.noteUnscanned(x, e)
	secrets := d.bySecret(x, e)
	if len(secrets) == 0 {
		return
	}
	meta := d.describe(x, m)
	for _, s := range secrets {
		d.add(meta, s)
	}
	d.stories = append(d.stories, newStory(meta.correlation, e, len(secrets), began, d.deps.Clock.Now()))
}

// noteUnscanned counts and logs what the engine could not read. It is never
// called clean.
func (d *draft) noteUnscanned(x *examination, e source.Entry) {
	for _, n := range x.notScanned {
		if n.End <= int64(e.Context) {
			continue // it was counted when it was delivered
		}
		d.notScanned++
		d.deps.Log.Warn("not scanned", "source_id", d.watch.ID, "index", e.Index, "from", n.Start, "to", n.End, "reason", string(n.Reason))
	}
	if x.unwalked != nil {
		d.notScanned++
		d.deps.Log.Warn("fields not scanned one by one; the raw bytes were", "source_id", d.watch.ID, "index", e.Index, "reason", x.unwalked)
	}
}

// secret is one distinct secret of a message.
type secret struct {
	best        hit
	fingerprint string
	severity    event.Severity
	places      []int
	redacted    string
	excerpt     string
	field       string
}

// bySecret joins hits of the same secret.
func (d *draft) bySecret(x *examination, e source.Entry) []*secret {
	var order []*secret
	known := map[string]*secret{}
	for _, h := range x.hits {
		if !owns(e, h) {
			continue
		}
		print := d.deps.Ring.Fingerprint(h.Secret.Reveal())
		s := known[print]
		if s == nil {
			s = &secret{best: h, fingerprint: print}
			known[print] = s
			order = append(order, s)
		}
		s.see(h, d.policy)
	}
	for i, s := range order {
		s.severity, s.redacted = severityOf(s.best.Finding.Severity), s.best.Redacted
		if i >= maxExcerpts {
			s.excerpt, s.field = bare(s.best), ""
			continue
		}
		s.excerpt, s.field = x.excerpt(s.best), x.clean(s.field, maxPath)
	}
	return order
}

// owns says whether a hit is this entry's to report. Of the bytes that two
// pieces of one text share, each owns the half that lies deeper in it, so that
// a secret which one of them cuts is whole in the other that owns it. What ends
// in the entry's context was reported before.
func owns(e source.Entry, h hit) bool {
	return h.to > e.Context && h.from >= e.Overlap/2 && (e.Continues == 0 || h.from < len(e.Data)-e.Continues/2)
}

// see adds one hit of the secret.
func (s *secret) see(h hit, p Policy) {
	if p.better(h, s.best) {
		s.best = h
	}
	if s.field == "" || h.field != "" && h.place == s.best.place {
		s.field = h.field
	}
	if !slices.Contains(s.places, h.place) {
		s.places = append(s.places, h.place)
	}
}

// better prefers the hit that quarantines, then the graver, then the surer,
// then the one whose field is known.
func (p Policy) better(a, b hit) bool {
	over := func(h hit) bool { return p.Withholds(severityOf(h.Severity), h.Confidence) }
	switch {
	case over(a) != over(b):
		return over(a)
	case a.Severity != b.Severity:
		return a.Severity > b.Severity
	case a.Confidence != b.Confidence:
		return a.Confidence > b.Confidence
	}
	return a.field != "" && b.field == ""
}

// meta is what all rows of a message share, fit to be kept.
type meta struct {
	place       event.Place
	kind, from  string
	label       string
	hash        string
	correlation string
}

func (d *draft) describe(x *examination, m message) meta {
	e := m.entry
	hash := d.deps.Ring.MessageHash(e.Data)
	messageID := x.clean(e.MessageID, maxPath)
	if messageID == "" {
		messageID = hash
	}
	p := event.Place{SourceID: d.watch.ID, CoreKey: e.CoreKey, Fork: e.Fork, MessageID: messageID}
	if e.Indexed {
		p.Index = &e.Index
	}
	return meta{
		place: p, hash: hash, correlation: id.New(),
		kind: x.clean(m.kind, maxShort), from: x.clean(m.from, maxShort), label: x.clean(e.Label, maxPath),
	}
}

// add drafts the finding of a secret and, if the policy says so, its
// quarantine entry, each with its event.
func (d *draft) add(m meta, s *secret) {
	rule := s.best.Rule
	base := event.Finding{
		Fingerprint: s.fingerprint, Rule: rule.ID, SecretType: rule.SecretType, Redacted: s.redacted,
		Confidence: s.best.Confidence, OccurredAt: d.now,
	}
	f := d.finding(m, s)
	if d.policy.Withholds(s.severity, s.best.Confidence) {
		q := d.entry(m, s)
		f.QuarantineID = q.ID
		d.quarantine = append(d.quarantine, Row[Quarantine]{q, d.event(m, s, event.MessageQuarantined{
			Finding: base, Place: m.place, QuarantineID: q.ID, RedactedContent: q.RedactedContent,
			FullContentHash: q.FullContentHash, Occurrences: q.Occurrences, Disposition: string(q.Disposition),
			MessageType: q.MessageType, From: q.From, Recommendation: rule.Recommendation,
		})})
	}
	d.findings = append(d.findings, Row[Finding]{f, d.event(m, s, event.FindingDetected{Finding: base, Place: m.place, FindingID: f.ID})})
}

func (d *draft) finding(m meta, s *secret) Finding {
	return Finding{
		ID: id.New(), OccurredAt: d.now, SourceID: m.place.SourceID, Index: m.place.Index, CoreKey: m.place.CoreKey,
		Fork: m.place.Fork, MessageID: m.place.MessageID, Rule: s.best.Rule.ID, SecretType: s.best.Rule.SecretType,
		Severity: s.severity, Confidence: s.best.Confidence, Redacted: s.redacted, Field: s.field,
		Decoders: s.best.Decoders, Fingerprint: s.fingerprint, CorrelationID: m.correlation,
	}
}

func (d *draft) entry(m meta, s *secret) Quarantine {
	return Quarantine{
		ID: id.New(), Timestamp: d.now, SourceID: m.place.SourceID, Index: m.place.Index, CoreKey: m.place.CoreKey,
		Fork: m.place.Fork, MessageID: m.place.MessageID, MessageType: m.kind, From: m.from, Label: m.label,
		Rule: s.best.Rule.ID, SecretType: s.best.Rule.SecretType, Severity: s.severity, Confidence: s.best.Confidence,
		RedactedContent: s.excerpt, FullContentHash: m.hash, Fingerprint: s.fingerprint, Occurrences: len(s.places),
		Disposition: Observed, CorrelationID: m.correlation,
	}
}

// event wraps a payload; an error is kept for whoever commits the draft.
func (d *draft) event(m meta, s *secret, p event.Payload) event.Event {
	e, err := event.New(event.Header{
		Time: d.now, Source: d.deps.Node, Severity: s.severity, Subject: m.place.SourceID, CorrelationID: m.correlation,
	}, p)
	d.err = errors.Join(d.err, err)
	return e
}
