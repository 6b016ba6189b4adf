package incident

import (
	"slices"
	"time"
)

// Two incidents are one when somebody says so, or when one is of an address and the
// other of a secret that this address tried and cannot have guessed. What was merged keeps its row, its lines
// and its key: what is seen of that key belongs to both from then on, and a split gives
// it back. Two secrets are never merged by themselves: each has to be revoked.

// MaxParts is how many parts an incident has: a botnet that tries one leaked secret has
// an address more each minute, and whoever looks at the incident reads all of them. An
// address beyond that has an incident of its own.
const MaxParts = 1_000

// crowded reports whether two incidents have too many parts to become one.
func crowded(a, b Incident) bool { return len(a.Merged)+len(b.Merged)+1 > MaxParts }

// Through takes in an observation of part, which was merged into i.
func (i *Incident) Through(part *Incident, o Observation, now time.Time) Change {
	if o.Dismissed != "" { // of one secret of several: the others are none the less
		part.dismissPart(o, now)
		return Change{}
	}
	before := *part
	part.add(o)
	part.UpdatedAt = now
	part.Version++
	i.take(*part)
	return i.news(o, before, *part, now)
}

// take makes an incident as grave as a part of it.
func (i *Incident) take(part Incident) {
	if part.Severity > i.Severity {
		i.Severity, i.SnoozedUntil = part.Severity, nil
	}
	if rank(part.Join) < rank(i.Join) {
		i.Join, i.Title = part.Join, part.Title
	}
}

// Elder says which of two incidents the other becomes part of: the one that was opened
// first, unless it is over and the other is not. ok is false when they stay apart,
// because one is ignored or a part of another already, because they would have too many
// parts, or because one is of a secret that is guessed: strangers would be one for trying
// "admin".
func Elder(a, b Incident) (into, part Incident, ok bool) {
	if a.ID == b.ID || crowded(a, b) || a.State == Ignored || b.State == Ignored || a.MergedInto != "" || b.MergedInto != "" || a.guessed() || b.guessed() {
		return a, b, false
	}
	if b.ID < a.ID {
		a, b = b, a
	}
	if !a.State.Open() && b.State.Open() {
		a, b = b, a
	}
	return a, b, true
}

// guessed reports whether a secret is so short that attackers have it without knowing
// it from anybody: of that nothing is shown, see detect.Redact. Its own incident is as
// grave as any.
func (i Incident) guessed() bool { return i.Key.Kind == Secret && i.Redacted == "****" }

// Merge makes part a part of i. by is who wants it; empty: an observation. The work on
// the part ends with it: owner, acknowledgement, snooze and reason of i count for both.
func (i *Incident) Merge(part *Incident, by string, now time.Time) (ofWhole, ofPart Change) {
	about, open := part.Title, part.State.Open()
	part.Merger = &Merger{Parent: i.ID, Part: part.standing(), Whole: i.standing(), Before: i.Version}
	part.MergedInto = i.ID
	part.close(Resolved, "merged into "+i.ID, now)
	if i.Own == nil {
		i.Own = new(i.look())
	}
	i.take(*part)
	if i.State == Resolved && open {
		i.State, i.Regressed, i.ClosedAt, i.Reason = Triggered, true, nil, ""
	}
	i.Merged = append(slices.Clone(i.Merged), part.ID)
	i.touch(now)
	part.Merger.After = i.Version
	return Change{Kind: Updated, Words: "merged with another: " + about, By: by}, Change{Kind: Closed, Words: part.Reason, By: by}
}

// Whole is an incident with what is known of its parts, as people are shown it.
func (i Incident) Whole(parts []Incident) Incident {
	for _, p := range parts {
		i.Observations += p.Observations
		for _, s := range p.Sensors {
			if at, known := slices.BinarySearch(i.Sensors, s); !known {
				i.Sensors = slices.Insert(slices.Clone(i.Sensors), at, s)
			}
		}
		if p.SeenAt.After(i.SeenAt) && p.SourceIP != "" {
			i.SourceIP = p.SourceIP
		}
		i.SeenAt = latest(i.SeenAt, p.SeenAt)
		for _, f := range [...]struct{ to, from *string }{{&i.SourceIP, &p.SourceIP}, {&i.Program, &p.Program}, {&i.Rule, &p.Rule}, {&i.SecretType, &p.SecretType}, {&i.Redacted, &p.Redacted}} {
			if *f.to == "" {
				*f.to = *f.from
			}
		}
	}
	return i
}
