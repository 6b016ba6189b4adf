package incident

import (
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Standing is how the work on an incident stands: what a merge ends, and a split gives
// back. The owner is not in it: a merge leaves each theirs.
type Standing struct {
	State        State
	Regressed    bool
	Reason       string
	ClosedAt     *time.Time
	SnoozedUntil *time.Time

	Observations int // with the next two: whether it was seen since
	Sensors      int
	Severity     event.Severity
}

// Look is how grave an incident is and what it is called.
type Look struct {
	Severity event.Severity
	Join     string
	Title    string
}

// Merger is how a part was merged.
type Merger struct {
	Parent        string   // into which incident; that may itself be a part by now
	Part, Whole   Standing // of both, before
	Before, After int64    // versions of the whole
}

func (i Incident) standing() Standing {
	return Standing{
		State: i.State, Regressed: i.Regressed, Reason: i.Reason, ClosedAt: i.ClosedAt, SnoozedUntil: i.SnoozedUntil,
		Observations: i.Observations, Sensors: len(i.Sensors), Severity: i.Severity,
	}
}

func (i *Incident) stand(s Standing) {
	i.State, i.Regressed, i.Reason, i.ClosedAt, i.SnoozedUntil = s.State, s.Regressed, s.Reason, s.ClosedAt, s.SnoozedUntil
}

func (i Incident) look() Look { return Look{i.Severity, i.Join, i.Title} }

// alone is what an incident looks like without its parts.
func (i Incident) alone() Look {
	if i.Own != nil {
		return *i.Own
	}
	return i.look()
}

// add takes an observation of i itself into what it looks like alone.
func (l *Look) add(i Incident, o Observation) {
	i.Own, i.Severity, i.Join, i.Title = nil, max(l.Severity, o.Severity), l.Join, l.Title
	i.join(o)
	*l = i.look()
}

// with is a look that another may make graver.
func (l Look) with(other Look) Look {
	l.Severity = max(l.Severity, other.Severity)
	if rank(other.Join) < rank(l.Join) {
		l.Join, l.Title = other.Join, other.Title
	}
	return l
}

// dismissPart notes of a part that it is none, for when it is split off.
func (i *Incident) dismissPart(o Observation, now time.Time) {
	if i.Merger == nil || !i.Merger.Part.State.Open() {
		return
	}
	kept := *i
	kept.stand(i.Merger.Part)
	kept.dismiss(o, now)
	m := *i.Merger
	m.Part = kept.standing()
	i.Merger = &m
}

// Undoes reports whether a split of part undoes the last thing that happened to i: then
// i is again what it was before.
func (i Incident) Undoes(part Incident) bool {
	return part.Merger != nil && part.Merger.Parent == i.ID && part.Merger.After == i.Version
}

// Split gives back what Merge did. The part stands as it stood before, unless it was
// seen meanwhile: then it is open again if it was resolved, and awake if that was graver.
// What was done to i stays done, unless nothing but the merge happened to it. Look says
// afterwards what both look like.
func (i *Incident) Split(part *Incident, by string, now time.Time) (ofWhole, ofPart Change) {
	if i.Undoes(*part) {
		i.stand(part.Merger.Whole)
	}
	i.Merged = slices.DeleteFunc(slices.Clone(i.Merged), func(id string) bool { return id == part.ID })
	i.touch(now)
	part.MergedInto = ""
	words := "split from " + i.ID + part.standAgain()
	part.touch(now)
	return Change{Kind: Updated, Words: "split off: " + part.Title, By: by}, Change{Kind: Updated, Words: words, By: by}
}

// standAgain gives a part back how it stood, and says what is different since.
func (i *Incident) standAgain() (words string) {
	m := i.Merger
	if i.Merger = nil; m == nil {
		i.State, i.ClosedAt, i.Reason = Triggered, nil, ""
		return ""
	}
	i.stand(m.Part)
	if i.Observations == m.Part.Observations {
		return ""
	}
	if i.State == Resolved {
		i.State, i.Regressed, i.ClosedAt, i.Reason = Triggered, true, nil, ""
		return "; it came back meanwhile"
	}
	if i.graverThan(m.Part) {
		i.SnoozedUntil = nil
	}
	return ""
}

// Relook makes an incident look as it does with these parts and no others, given in the
// order in which they were merged. Of one whose parts were merged before it was kept what
// it looks like alone, it stays what it was.
func (i *Incident) Relook(parts []Incident) {
	if i.Own == nil {
		return
	}
	children := map[string][]Incident{}
	for _, p := range parts {
		parent := p.MergedInto
		if p.Merger != nil {
			parent = p.Merger.Parent
		}
		children[parent] = append(children[parent], p)
	}
	l := lookOf(*i, children)
	i.Severity, i.Join, i.Title = l.Severity, l.Join, l.Title
	if len(parts) == 0 {
		i.Own = nil
	}
}

func lookOf(i Incident, children map[string][]Incident) Look {
	l := i.alone()
	for _, child := range children[i.ID] {
		l = l.with(lookOf(child, children))
	}
	return l
}

// Branch are the parts that were merged into part, directly or by way of others: a split
// takes them along. rest are the others, without part itself.
func Branch(part Incident, parts []Incident) (with, rest []Incident) {
	in := map[string]bool{part.ID: true}
	for again := true; again; {
		again = false
		for _, p := range parts {
			if !in[p.ID] && p.Merger != nil && in[p.Merger.Parent] {
				in[p.ID], again = true, true
			}
		}
	}
	for _, p := range parts {
		switch {
		case p.ID == part.ID:
		case in[p.ID]:
			with = append(with, p)
		default:
			rest = append(rest, p)
		}
	}
	return with, rest
}
