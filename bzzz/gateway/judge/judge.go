// Package judge decides whether the gateway passes a message on. It asks, in
// this order: is it on the server's list, is a secret in it, does it complete a
// secret that its sender began in an earlier message. Whatever cannot be
// answered withholds.
//
// It may import the inspector, the window and the list, and nothing of libp2p.
// To add a question, add a step to [Judge.steps], with a case in the test's table.
package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/bzzz/bound"
	"go.cordon.dev/cordon/bzzz/gateway/window"
	"go.cordon.dev/cordon/bzzz/gateway/withheld"
	"go.cordon.dev/cordon/bzzz/inspect"
	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/detect/fingerprint"
)

// Message is one message of the network.
type Message struct {
	ID     string
	Topic  string
	Sender string // who signed it
	Seq    uint64 // the sender's number
	Data   []byte
}

// The answers.
const (
	Clean      = "clean"
	Withheld   = "withheld"
	NotScanned = "not_scanned"
)

// The reasons of answers other than Clean.
const (
	ReasonSecret      = "secret"       // a secret is in it
	ReasonSplit       = "split_secret" // it completes one
	ReasonQuarantined = "quarantined"  // it, or a secret in it, is on the server's list
	ReasonNotScanned  = "not_scanned"  // it could not be read to its end
	ReasonTimeout     = "scan_timeout"
	ReasonBusy        = "scan_busy"
)

// Finding is a secret, in the forms that may be kept.
type Finding struct {
	Rule           string
	SecretType     string
	Severity       string
	Confidence     float64
	Redacted       string
	Fingerprint    string
	Occurrences    int
	Context        string
	Recommendation string
	Messages       []string // over which it was split; nil when one holds it
}

// Verdict is the answer for one message.
type Verdict struct {
	Answer   string
	Reason   string
	Detail   string // why it could not be read; never the message's own words
	Findings []Finding
	Hash     string // keyed, of the message; empty when it is clean and nobody asked
	Report   Said
}

// Said is what a withheld BZZZ message said of itself, fit to be shown.
type Said struct {
	Type, From, Timestamp string
}

// Deps are what a judge needs.
type Deps struct {
	Inspector *inspect.Inspector // Mandatory.
	List      *withheld.List     // Mandatory.
	Window    *window.Window     // Mandatory.
	Runner    *bound.Runner      // Mandatory. Bounds each decision.
	Key       *fingerprint.Key   // Mandatory. Of the installation, or a random one.
	Replaced  []*fingerprint.Key // Keys that Key replaced: the list may hold values of theirs.
	Installed bool               // Key is the installation's: the list's keyed values can be compared.
	Watch     func(Message)      // Called within each decision, and its time. If nil, nothing is.
}

// Judge decides. It is safe for use by many goroutines.
type Judge struct{ deps Deps }

// New returns a judge.
func New(d Deps) (*Judge, error) {
	if d.Inspector == nil || d.List == nil || d.Window == nil || d.Runner == nil || d.Key == nil {
		return nil, errors.New("making the judge: Inspector, List, Window, Runner and Key are mandatory")
	}
	return &Judge{d}, nil
}

// Decide answers for one message.
func (j *Judge) Decide(ctx context.Context, m Message) Verdict {
	v, err := bound.Run(ctx, j.deps.Runner, func(context.Context) Verdict { return j.decide(m) })
	switch {
	case errors.Is(err, bound.ErrTimeout):
		return Verdict{Answer: NotScanned, Reason: ReasonTimeout, Detail: err.Error()}
	case errors.Is(err, bound.ErrBusy):
		return Verdict{Answer: NotScanned, Reason: ReasonBusy, Detail: err.Error()}
	case err != nil:
		return Verdict{Answer: NotScanned, Reason: ReasonNotScanned, Detail: err.Error()}
	}
	return v
}

// matter is one message under judgement.
type matter struct {
	*Judge
	m      Message
	report inspect.Report
	hash   string
}

func (j *Judge) decide(m Message) Verdict {
	if j.deps.Watch != nil {
		j.deps.Watch(m)
	}
	c := &matter{Judge: j, m: m}
	if j.deps.Installed && j.deps.List.Count(withheld.KindContentHash) > 0 {
		c.hash = j.deps.Key.Message(m.Data)
	}
	for _, step := range c.steps() {
		if v := step(); v.Answer != Clean {
			v.Report, v.Hash = c.said(), c.hashed()
			c.report.Wipe()
			return v
		}
	}
	c.report.Wipe()
	return Verdict{Answer: Clean, Hash: c.hash}
}

func (c *matter) steps() []func() Verdict {
	return []func() Verdict{c.listed, c.scanned, c.known, c.joined}
}

func (c *matter) hashed() string {
	if c.hash == "" {
		c.hash = c.deps.Key.Message(c.m.Data)
	}
	return c.hash
}

// listed asks whether this very message must not pass.
func (c *matter) listed() Verdict {
	l := c.deps.List
	if l.Blocked(withheld.KindMessageID, c.m.ID) || c.hash != "" && c.contentListed() {
		return Verdict{Answer: Withheld, Reason: ReasonQuarantined}
	}
	return Verdict{Answer: Clean}
}

func (c *matter) contentListed() bool {
	if c.deps.List.Blocked(withheld.KindContentHash, c.hash) {
		return true
	}
	for _, old := range c.deps.Replaced {
		if c.deps.List.Blocked(withheld.KindContentHash, old.Message(c.m.Data)) {
			return true
		}
	}
	return false
}

// scanned asks whether a secret is in it that nobody allowed.
func (c *matter) scanned() Verdict {
	c.report = c.deps.Inspector.Check(c.m.Data)
	var found []Finding
	reason := ReasonSecret
	for _, f := range c.report.Findings {
		prints := c.prints(f.Secret.Reveal())
		if c.allowed(prints) {
			continue
		}
		if c.blocked(prints) {
			reason = ReasonQuarantined
		}
		found = append(found, newFinding(f.Finding, prints[0], f.Occurrences, f.Context, nil))
	}
	switch {
	case len(found) > 0:
		c.hideKnown(found)
		return Verdict{Answer: Withheld, Reason: reason, Findings: found}
	case len(c.report.NotScanned) > 0:
		return Verdict{Answer: NotScanned, Reason: ReasonNotScanned, Detail: c.report.NotScanned[0]}
	}
	return Verdict{Answer: Clean}
}

// joined asks whether it completes a secret that was begun before, or, when it
// was overtaken, ended behind it.
func (c *matter) joined() Verdict {
	v := Verdict{Answer: Clean}
	m := window.Message{ID: c.m.ID, Seq: c.m.Seq, Data: c.m.Data}
	c.deps.Window.Offer(c.m.Sender, m, func(joints []window.Joint) bool {
		v = c.together(joints)
		return v.Answer == Clean
	})
	return v
}

func (c *matter) together(joints []window.Joint) Verdict {
	var found []Finding
	complete := true
	for _, joint := range joints {
		hits, whole := c.deps.Inspector.Find(joint.Text)
		complete = complete && whole
		for _, f := range hits {
			found = c.across(found, joint, f)
		}
	}
	switch {
	case len(found) > 0:
		return Verdict{Answer: Withheld, Reason: ReasonSplit, Findings: found}
	case !complete:
		return Verdict{Answer: NotScanned, Reason: ReasonNotScanned, Detail: "what it says together with its sender's other messages was not read to its end"}
	}
	return Verdict{Answer: Clean}
}

func (c *matter) across(found []Finding, joint window.Joint, f detect.Finding) []Finding {
	defer f.Secret.Wipe()
	ids := joint.Across(int(f.Start), int(f.End))
	prints := c.prints(f.Secret.Reveal())
	if ids == nil || c.allowed(prints) {
		return found
	}
	for _, known := range found {
		if known.Fingerprint == prints[0] {
			return found
		}
	}
	text := fmt.Sprintf("%s (split over %d messages)", f.Redacted, len(ids))
	return append(found, newFinding(f, prints[0], 1, text, ids))
}

func newFinding(f detect.Finding, print string, places int, text string, messages []string) Finding {
	return Finding{
		Rule: f.Rule.ID, SecretType: f.Rule.SecretType, Severity: f.Severity.String(), Confidence: f.Confidence,
		Redacted: f.Redacted, Fingerprint: print, Occurrences: places, Context: text, Recommendation: f.Rule.Recommendation,
		Messages: messages,
	}
}

const (
	maxType = 128
	stamp   = "2006-01-02T15:04:05.999999999Z07:00"
)

// said is what the message says of itself. A word in which a secret is, is left out.
func (c *matter) said() Said {
	kind, from, at := inspect.Header(c.m.Data)
	s := Said{Type: inspect.Visible(kind, maxType), From: inspect.Visible(from, maxType)}
	if !at.IsZero() {
		s.Timestamp = at.Format(stamp)
	}
	for _, f := range c.report.Findings {
		secret := f.Secret.Reveal()
		if bytes.Contains([]byte(kind), secret) || bytes.Contains([]byte(from), secret) {
			s.Type, s.From = "", ""
		}
	}
	if i := c.deps.Inspector.Inspect([]byte(s.Type + "\n" + s.From)); !i.Clean() {
		s.Type, s.From = "", ""
	}
	return s
}
