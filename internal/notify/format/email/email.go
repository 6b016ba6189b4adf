// Package email is the format for people who read mail: a plain text, so that
// nothing of a stranger's words is markup, sent by SMTP.
//
// The address is smtp://USER@HOST:PORT/?from=ADDRESS&to=ADDRESS,... and begins
// with STARTTLS, or smtps://..., which is TLS from the start; the webhook's
// secret is USER's password. See README.md.
//
// Level 2: a plugin of notify; it may import event, redact, notify and its
// wording.
package email

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/wording"
)

// Bounds of what is written, in characters.
const (
	maxSubject  = 180
	maxSentence = 2000
	maxValue    = 300
	maxEvidence = 4000
	maxAdvice   = 1500
)

// Render implements notify.Format. The result is a message without the fields
// that belong to its way: From, To, Date and Message-ID.
func (Format) Render(e event.Event) ([]byte, string, error) {
	n := wording.Of(e)
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("Subject", mime.QEncoding.Encode("utf-8", "[Cordon] "+subject(e, n)))
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "quoted-printable")
	field("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	field("X-Cordon-Severity", e.Severity.String())
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(text(e, n), "\n", "\r\n"))); err != nil {
		return nil, "", fmt.Errorf("writing mail for event %s: %w", e.ID, err)
	}
	if err := w.Close(); err != nil {
		return nil, "", fmt.Errorf("writing mail for event %s: %w", e.ID, err)
	}
	return b.Bytes(), "message/rfc822", nil
}

// subject is short enough for any list of mails; an alert's begins with how bad
// it is.
func subject(e event.Event, n wording.Notice) string {
	if n.Alert != nil {
		return line(n.Title, maxSubject)
	}
	if e.Topic == event.TopicWebhookDigest {
		return line(strings.ToUpper(e.Severity.String())+": "+e.Subject, maxSubject)
	}
	return line(strings.ToUpper(e.Severity.String())+": "+n.Title, maxSubject)
}

func text(e event.Event, n wording.Notice) string {
	var b strings.Builder
	var p event.WebhookDigest
	switch {
	case e.Topic == event.TopicWebhookDigest && e.Decode(&p) == nil:
		digest(&b, p)
	case n.Alert != nil:
		b.WriteString(sentence(n) + "\n\n")
		alert(&b, n.Alert)
	default:
		b.WriteString(sentence(n) + "\n\n")
	}
	fmt.Fprintf(&b, "-- \n%s, %s\nevent %s\n", line(n.Time, maxValue), line(n.Source, maxValue), line(n.ID, maxValue))
	return b.String()
}

func sentence(n wording.Notice) string {
	var b strings.Builder
	for _, s := range n.Line {
		b.WriteString(s.Text)
	}
	return line(b.String(), maxSentence)
}

func alert(b *strings.Builder, a *wording.Alert) {
	for _, f := range a.Facts {
		fmt.Fprintf(b, "%-12s %s\n", f.Label, line(f.Value, maxValue))
	}
	fmt.Fprintf(b, "\nWhat to do\n%s\n\n", line(a.Advice, maxAdvice))
	if a.Evidence != "" {
		fmt.Fprintf(b, "Content, redacted\n%s\n\n", lines(a.Evidence, maxEvidence))
	}
}

func digest(b *strings.Builder, p event.WebhookDigest) {
	const layout = "2006-01-02 15:04 UTC"
	fmt.Fprintf(b, "%d events from %s to %s\n\n", p.Count, p.From.UTC().Format(layout), p.To.UTC().Format(layout))
	for _, g := range p.Groups {
		fmt.Fprintf(b, "%5d × %-8s %s\n", g.Count, g.Severity, line(g.About, maxValue))
	}
	if p.MoreGroups > 0 {
		fmt.Fprintf(b, "and %d more kinds\n", p.MoreGroups)
	}
	b.WriteString("\n")
}

// line is text from outside as one line.
func line(s string, limit int) string { return wording.Write(s, limit, wording.OneLine) }

// lines keeps line ends; each line is set off, so that none can pass for ours.
func lines(s string, limit int) string {
	return "| " + wording.Write(s, limit, func(r rune) string {
		if r == '\n' {
			return "\n| "
		}
		return wording.Visible(r)
	})
}
