package slack

import (
	"fmt"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// Lengths in characters after escaping. Slack refuses a message whose header
// is longer than 150, a section than 3000, a field than 2000.
const (
	maxTitle   = 140
	maxValue   = 200
	maxContent = 2000
	maxAdvice  = 1500
)

// defaultAdvice stands in where a rule recommends nothing.
const defaultAdvice = "Treat the secret as known to others: revoke it where it was issued, issue a new one, and look for uses of the old one."

// alert is the message for a quarantined secret: what, how bad, where, the
// redacted text around it and what to do.
func alert(e event.Event, p event.MessageQuarantined) (string, []block) {
	what := fmt.Sprintf("%s: %s in %s", strings.ToUpper(e.Severity.String()), p.SecretType, p.SourceID)
	title := mark(e.Severity) + " " + escape(what, maxTitle)
	blocks := []block{
		{Type: "header", Text: &text{Type: "plain_text", Text: title}},
		{Type: "section", Fields: fields(e, p)},
	}
	if p.RedactedContent != "" {
		blocks = append(blocks, section("```\n"+fenced(p.RedactedContent, maxContent)+"\n```"))
	}
	advice := p.Recommendation
	if advice == "" {
		advice = defaultAdvice
	}
	blocks = append(blocks, section("*What to do:* "+escape(advice, maxAdvice)), about(e))
	return title, blocks
}

func fields(e event.Event, p event.MessageQuarantined) []text {
	rows := []struct{ label, value string }{
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
	var fs []text
	for _, r := range rows {
		if r.value != "" {
			fs = append(fs, mrkdwn("*"+r.label+"*\n"+code(r.value, maxValue)))
		}
	}
	return fs
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
