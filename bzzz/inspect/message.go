package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/detect"
)

// A message is scanned whole and string by string, all of it out of one budget
// of decoded bytes, so that a small one cannot inflate for ever.
const (
	budgetAtLeast = 4 << 20
	budgetPerByte = 16
	shownBudget   = 1 << 20 // for the context that is shown, which is scanned again
)

const (
	minText     = 6   // shorter strings hold no secret that the raw bytes do not show
	maxFindings = 256 // what lies behind is not scanned, and said so
	maxReasons  = 16
	around      = 60  // bytes of context on either side
	maxContext  = 512 // bytes of context that are handed on
)

// reading is the inspection of one message.
type reading struct {
	inspector *Inspector
	engine    *detect.Scanner
	report    Report
}

// Inspect scans a message: its bytes, and each of its strings whose escapes
// hide something. What is no BZZZ message is scanned as text.
func (i *Inspector) Inspect(data []byte) Report {
	r := i.Check(data)
	if len(data) <= i.opts.MaxBytes {
		r.Type, r.From, r.Timestamp = Header(data)
	}
	return r
}

// Check is Inspect without what the message says of itself, which most of who
// ask whether it may pass never look at.
func (i *Inspector) Check(data []byte) Report {
	if len(data) > i.opts.MaxBytes {
		return Report{NotScanned: []string{fmt.Sprintf("larger than %d bytes", i.opts.MaxBytes)}}
	}
	r := reading{inspector: i, engine: i.engine.Limited(budgetAtLeast + budgetPerByte*int64(len(data)))}
	r.scan(data)
	if bytes.IndexByte(data, '\\') >= 0 && startsJSON(data) {
		r.strings(data)
	}
	return r.report
}

// Header is what a BZZZ message says of itself: the sender's words, which may
// hold a secret. Of what is none it is empty.
func Header(data []byte) (kind, from string, at time.Time) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return "", "", time.Time{}
	}
	m, err := bzzzlog.ParseMessage(data, bzzzlog.Limits{})
	if err != nil {
		return "", "", time.Time{}
	}
	return m.Type, m.From, m.Timestamp
}

func startsJSON(data []byte) bool {
	text := bytes.TrimLeft(data, " \t\r\n")
	return len(text) > 0 && bytes.IndexByte([]byte(`{["`), text[0]) >= 0
}

// strings scans what JSON's escapes stand for. What is no JSON has been scanned
// as text; what is JSON and too deep or too wide to walk is not scanned.
func (r *reading) strings(data []byte) {
	err := bzzzlog.Walk(data, bzzzlog.Limits{MaxBytes: r.inspector.opts.MaxBytes}, func(v bzzzlog.Value) bool {
		if len(v.Text) != v.End-v.Start-2 && len(v.Text) >= minText {
			r.scan(v.Text)
		}
		return true
	})
	if err != nil && !isSyntax(err) {
		r.missed(err.Error())
	}
}

func (r *reading) scan(text []byte) {
	var all []detect.Finding
	report := r.engine.Scan(text, func(f detect.Finding) bool {
		if r.inspector.Withholds(f) {
			all = append(all, f)
		}
		return len(all) < maxFindings
	})
	for _, n := range report.NotScanned {
		r.missed(string(n.Reason))
	}
	for _, f := range all {
		r.add(f, text, all)
	}
}

func (r *reading) add(f detect.Finding, text []byte, all []detect.Finding) {
	for i := range r.report.Findings {
		if known := &r.report.Findings[i]; bytes.Equal(known.Secret.Reveal(), f.Secret.Reveal()) {
			known.Occurrences++
			return
		}
	}
	if len(r.report.Findings) >= maxFindings {
		r.missed(string(detect.ReasonStopped))
		return
	}
	r.report.Findings = append(r.report.Findings, Finding{Finding: f, Occurrences: 1, Context: r.context(f, text, all)})
}

// context is the text around a finding. If it cannot be looked at wholly, it is
// the redacted form alone.
func (r *reading) context(f detect.Finding, text []byte, all []detect.Finding) string {
	shown := r.inspector.engine.Limited(shownBudget)
	excerpt := shown.Excerpt(text, f, all, around)
	again, report := shown.FindAll([]byte(excerpt))
	if len(again) > 0 || !report.Complete() || len(f.Decoders) > 0 {
		excerpt = f.Redacted
	}
	return Visible(excerpt, maxContext)
}

func (r *reading) missed(why string) {
	if len(r.report.NotScanned) < maxReasons {
		r.report.NotScanned = append(r.report.NotScanned, why)
	}
}

// Visible makes text from outside fit to be shown: valid UTF-8, what is not
// printable as escapes, at most limit bytes.
func Visible(s string, limit int) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+n]
		if c == utf8.RuneError && n <= 1 || !unicode.IsPrint(c) {
			q := strconv.QuoteToASCII(piece)
			piece = q[1 : len(q)-1]
		}
		if b.Len()+len(piece) > limit-len("…") && i+n < len(s) {
			return b.String() + "…"
		}
		b.WriteString(piece)
		i += n
	}
	return b.String()
}

func isSyntax(err error) bool { return errors.Is(err, bzzzlog.ErrSyntax) }
