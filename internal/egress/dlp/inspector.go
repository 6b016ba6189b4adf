package dlp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/egress/dlp/files"
	"go.cordon.dev/cordon/internal/egress/dlp/opaque"
)

// Options are the parts of an Inspector.
type Options struct {
	Scanner *detect.Scanner // Mandatory.
	// Fingerprint is the keyed fingerprint of a secret, which joins it with the
	// same secret elsewhere. If nil, findings have none.
	Fingerprint func(secret []byte) string
	// Confidence is the least of a finding that counts. If 0, detect's default.
	Confidence float64
	// Own knows secrets that have no format. If nil, formats alone count.
	Own Own
	// Patterns searches for what else may not leave, now; its rules say what. If nil,
	// or if it returns nil, nothing else. Its error means that it cannot, and all is
	// unseen.
	Patterns func() (*detect.Scanner, error)
	// Personal says whether numbers of cards, accounts and people count, now. If nil,
	// they do.
	Personal func() bool
	// Files says which files may not leave, now. If nil, or if it returns nil, nobody
	// looks for files.
	Files  func() func(File) bool
	Limits Limits
}

// File is one that was seen in what is sent.
type File struct {
	Name  string   // as it is written there; empty when its content gave it away
	Kind  string   // what its content is, for people; empty when its name gave it away
	As    []string // the extensions and names that such content has
	Where string
}

func (f File) what() string {
	if f.Kind != "" {
		return "a " + f.Kind
	}
	return "a file by a name that is kept in"
}

// Own knows the secrets of this machine. It is safe for concurrent use.
type Own interface {
	// Find calls found for each stretch of a text that one of them has as well, and
	// where that one comes from, until it returns false.
	Find(text []byte, found func(start, end int, source string) bool)
}

// OwnRule is the rule of what Options.Own found.
const OwnRule = "own-secret"

// Limits bound what inspecting costs. Each that is zero is Defaults'.
type Limits struct {
	Memory int64         // bytes that all streams hold together
	Whole  int           // bytes of a body that is held whole, because it is compressed
	Pause  time.Duration // after which what was sent is passed on, if it is clean so far
	Recall time.Duration // for which parts of a secret are remembered, for the other parts
}

// Defaults are the limits of an inspector that is told none.
func Defaults() Limits {
	return Limits{Memory: 256 << 20, Whole: 8 << 20, Pause: 100 * time.Millisecond, Recall: 5 * time.Minute}
}

func (l Limits) orDefaults() Limits {
	d := Defaults()
	if l.Memory <= 0 {
		l.Memory = d.Memory
	}
	if l.Whole <= 0 {
		l.Whole = d.Whole
	}
	if l.Pause <= 0 {
		l.Pause = d.Pause
	}
	if l.Recall <= 0 {
		l.Recall = d.Recall
	}
	return l
}

// Inspector looks for secrets. It is safe for concurrent use.
type Inspector struct {
	o        Options
	held     atomic.Int64  // bytes of all streams
	scanned  atomic.Int64  // bytes, each as often as it was looked at
	messages atomic.Uint64 // begun so far
	trails   *trails
	names    *trails // that were asked for: many names make nobody forget what was sent
	kinds    *files.Scanner
	opaque   *opaque.Scanner
}

// New makes an inspector. The error names what is missing.
func New(o Options) (*Inspector, error) {
	if o.Scanner == nil {
		return nil, errors.New("making the inspector of what leaves: Scanner is missing")
	}
	if o.Confidence == 0 {
		o.Confidence = detect.DefaultMinConfidence
	}
	o.Limits = o.Limits.orDefaults()
	if o.Personal == nil {
		o.Personal = func() bool { return true }
	}
	return &Inspector{o: o, trails: newTrails(o.Limits.Recall), names: newTrails(o.Limits.Recall), kinds: files.NewScanner(), opaque: opaque.NewScanner()}, nil
}

// Verdict is what was found.
type Verdict struct {
	Findings []Finding
	Files    []File // that Options.Files keeps in
	// Unseen says why something was not looked at; empty when all was.
	Unseen string
}

// Clean reports whether everything was looked at and nothing found.
func (v Verdict) Clean() bool { return len(v.Findings)+len(v.Files) == 0 && v.Unseen == "" }

// String says in words what was found and where, or why something was not seen.
func (v Verdict) String() string {
	words := make([]string, 0, len(v.Findings)+1)
	for _, f := range v.Findings[:min(len(v.Findings), mostNamed)] {
		words = append(words, f.what()+" in the "+f.Where)
	}
	if more := len(v.Findings) - mostNamed; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	for _, f := range v.Files[:min(len(v.Files), mostNamed)] {
		words = append(words, f.what()+" in the "+f.Where)
	}
	if v.Unseen != "" {
		words = append(words, v.Unseen)
	}
	return strings.Join(words, ", ")
}

// mostNamed is how many findings a text names.
const mostNamed = 3

func (v *Verdict) add(other Verdict) {
	v.Findings = append(v.Findings, other.Findings...)
	v.Files = append(v.Files, other.Files...)
	if v.Unseen == "" {
		v.Unseen = other.Unseen
	}
}

// Finding is a secret that would have left, without the secret.
type Finding struct {
	Rule        string // id of the detection rule
	Redacted    string
	Fingerprint string // empty when there is no key
	Where       string // "url", "header authorization", "body" and the like
	Source      string // of OwnRule: where the secret comes from, a variable or a file
	// Special is a finding that the scanner's rules do not make by themselves. Who
	// records what holds it cannot redact it by them, and leaves it out.
	Special    bool
	Severity   detect.Severity
	Confidence float64
}

func (f Finding) what() string {
	if f.Source == "" {
		return f.Rule
	}
	return f.Rule + " (" + f.Source + ")"
}

// Field is a name and a value of a head.
type Field struct{ Name, Value string }

// Head looks at the method, which may be any word, the URL and the fields of a
// request, together: a secret that is split over two of them is found. What only
// looks random in a field of ownFields is none: it is what the host itself gave out.
func (i *Inspector) Head(method, url string, fields []Field) Verdict {
	return i.Message("").Head(method, url, fields)
}

// Head is Inspector.Head of the message.
func (m *Message) Head(method, url string, fields []Field) Verdict {
	var text strings.Builder
	text.WriteString(method)
	text.WriteByte(' ')
	parts := []part{{0, "method"}, {text.Len(), "url"}}
	text.WriteString(url)
	for _, f := range fields {
		text.WriteByte('\n')
		parts = append(parts, part{text.Len(), "header " + strings.ToLower(f.Name)})
		text.WriteString(f.Name)
		text.WriteString(": ")
		text.WriteString(f.Value)
	}
	return m.scan([]byte(text.String()), func(at int64) string { return whereIn(parts, at) })
}

// Text looks at something small that is judged as a whole: a message, a trailer, a
// file's name.
func (i *Inspector) Text(where string, text []byte) Verdict {
	return i.Message("").Text(where, text)
}

// part is where something begins in a text.
type part struct {
	from  int
	where string
}

func whereIn(parts []part, at int64) string {
	where := ""
	for _, p := range parts {
		if int64(p.from) <= at {
			where = p.where
		}
	}
	return where
}

// ownFields hold session ids and the like, which look like secrets and are sent
// only where they come from.
var ownFields = [...]string{"header cookie", "header x-csrf-token", "header x-xsrf-token", "header x-csrftoken"}

// counts says whether a finding is one here.
func (i *Inspector) counts(f detect.Finding, place string) bool {
	switch {
	case f.Confidence < i.o.Confidence, f.Rule.Generic && own(place):
		return false
	case f.Rule.Family == personal:
		return i.o.Personal()
	}
	return true
}

// personal is the family of detect's rules for what is about people.
const personal = "personal"

// own says whether what stands there is what its host gave out.
func own(place string) bool { return slices.Contains(ownFields[:], place) }

func (i *Inspector) finding(f detect.Finding, where string) Finding {
	found := Finding{Rule: f.Rule.ID, Redacted: f.Redacted, Where: where, Severity: f.Severity, Confidence: f.Confidence}
	if i.o.Fingerprint != nil {
		found.Fingerprint = i.o.Fingerprint(f.Secret.Reveal())
	}
	_, known := i.o.Scanner.RuleSet().Rule(f.Rule.ID)
	found.Special = !known
	return found
}

// unseen says what of a text was not looked at. What only looked compressed hides
// nothing that whoever receives it could read.
func unseen(r detect.Report) string {
	for _, n := range r.NotScanned {
		if n.Reason != detect.ReasonUndecodable {
			return string(n.Reason)
		}
	}
	return ""
}

// Held is how many bytes all streams hold.
func (i *Inspector) Held() int64 { return i.held.Load() }

// Remembered is how many bytes are kept of what programs sent lately.
func (i *Inspector) Remembered() int { return i.trails.bytes() + i.names.bytes() }

// Scanned is how many bytes were looked at so far, each as often as it was.
func (i *Inspector) Scanned() int64 { return i.scanned.Load() }
