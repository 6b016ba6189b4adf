package dlp

import (
	"slices"

	"go.cordon.dev/cordon/detect"
)

// span is a stretch of what is looked at.
type span struct{ from, to int64 }

// ownSecret is one of this machine's, or a part of it.
type ownSecret struct {
	span
	finding Finding
}

// mostOwn bounds how many are noted of one text.
const mostOwn = 64

// noteOwn looks for this machine's secrets.
func (s *search) noteOwn(t detect.Text) {
	s.m.i.o.Own.Find(t.Bytes, func(start, end int, source string) bool {
		from, to := t.Span(start, end)
		if s.knows(span{from, to}) {
			return true
		}
		secret := t.Bytes[start:end]
		f := Finding{
			Rule: OwnRule, Redacted: detect.Redact(secret, "OWN_SECRET"), Where: s.where(s.base + from), Source: source,
			Severity: detect.SeverityCritical, Confidence: summed, Special: true,
		}
		if s.m.i.o.Fingerprint != nil {
			f.Fingerprint = s.m.i.o.Fingerprint(secret)
		}
		s.own = append(s.own, ownSecret{span{from, to}, f})
		return len(s.own) < mostOwn
	})
}

// knows says whether one was noted there: what is written in one place is seen in
// several texts.
func (s *search) knows(at span) bool {
	return slices.ContainsFunc(s.own, func(o ownSecret) bool { return o.from < at.to && at.from < o.to })
}

// owned are this machine's secrets that no rule knew: of what has a format, the
// rule says more, and a policy may name it.
func (s *search) owned() (all []Finding) {
	for _, o := range s.ownedSpans() {
		all = append(all, o.finding)
	}
	return all
}

func (s *search) ownedSpans() []ownSecret {
	return slices.DeleteFunc(s.own, func(o ownSecret) bool {
		return slices.ContainsFunc(s.found, func(f span) bool { return f.from < o.to && o.from < f.to })
	})
}
