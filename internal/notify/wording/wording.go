package wording

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// Notice is what there is to say about an event. All its texts may come from
// outside, except labels.
type Notice struct {
	Severity event.Severity
	Title    string // one line, such as "HIGH: GITHUB_TOKEN in chat"
	Line     []Span // one sentence; of an alert, its title
	// Alert is what to say of a quarantined secret; nil for everything else.
	Alert *Alert
	// Source, Time and ID say where the event is from.
	Source, Time, ID string
}

// Alert is something to act upon.
type Alert struct {
	Facts    []Fact
	Evidence string // the redacted text around the secret; may be empty
	Advice   string // what to do now
}

// Fact is a labelled value; none is empty.
type Fact struct{ Label, Value string }

// Kind says how a span is written.
type Kind int

// The kinds of spans. Own is in our words and needs no care; the others hold
// text from outside.
const (
	Own    Kind = iota
	Plain       // running text
	Long        // running text that may be long
	Code        // a name, an id, a value
	Strong      // what matters most
)

// Span is a piece of a sentence.
type Span struct {
	Kind Kind
	Text string
}

// defaultAdvice stands in where a rule recommends nothing.
const defaultAdvice = "Treat the secret as known to others: revoke it where it was issued, issue a new one, and look for uses of the old one."

// Of says what an event reports. An alert whose payload does not decode is
// still announced, in one sentence.
func Of(e event.Event) Notice {
	n := Notice{Severity: e.Severity, Source: e.Source, Time: e.Time.UTC().Format("2006-01-02 15:04:05 UTC"), ID: e.ID}
	var p event.MessageQuarantined
	if e.Topic == event.TopicMessageQuarantined && e.Decode(&p) == nil {
		n.Title = fmt.Sprintf("%s: %s in %s", strings.ToUpper(e.Severity.String()), p.SecretType, p.SourceID)
		n.Line = []Span{{Plain, n.Title}}
		n.Alert = &Alert{Facts: facts(e, p), Evidence: p.RedactedContent, Advice: cmp.Or(p.Recommendation, defaultAdvice)}
		return n
	}
	n.Line = sentence(e)
	n.Title = text(n.Line)
	return n
}

func text(line []Span) string {
	var b strings.Builder
	for _, s := range line {
		b.WriteString(s.Text)
	}
	return b.String()
}

func facts(e event.Event, p event.MessageQuarantined) []Fact {
	all := []Fact{
		{"Severity", e.Severity.String()},
		{"Confidence", percent(p.Confidence)},
		{"Secret", p.SecretType},
		{"Rule", p.Rule},
		{"Source", p.SourceID},
		{"Position", position(p.Place)},
		{"Message", p.MessageID},
		{"From", p.From},
		{"Fingerprint", shortFingerprint(p.Fingerprint)},
		{"Status", status(p)},
	}
	var told []Fact
	for _, f := range all {
		if f.Value != "" {
			told = append(told, f)
		}
	}
	return told
}

func percent(confidence float64) string {
	return strconv.FormatFloat(100*confidence, 'f', 0, 64) + " %"
}

func position(p event.Place) string {
	switch {
	case p.Index == nil:
		return ""
	case p.Fork > 0:
		return fmt.Sprintf("%d (fork %d)", *p.Index, p.Fork)
	}
	return strconv.FormatUint(*p.Index, 10)
}

// shortFingerprint keeps the first digits of v1:<keyid>:<hex>: enough for a
// person to see that two alerts are about one secret.
func shortFingerprint(f string) string {
	const digits = 12
	if i := strings.LastIndexByte(f, ':'); i >= 0 {
		f = f[i+1:]
	}
	return f[:min(len(f), digits)]
}

func status(p event.MessageQuarantined) string {
	if p.Occurrences > 1 {
		return fmt.Sprintf("%s, %d places", p.Disposition, p.Occurrences)
	}
	return p.Disposition
}

// Mark shows a severity by shape and colour; the word always stands beside it.
func Mark(s event.Severity) string {
	switch s {
	case event.Critical:
		return "🟥"
	case event.High:
		return "🔶"
	case event.Medium:
		return "🟡"
	case event.Low:
		return "🔹"
	}
	return "▫️"
}
