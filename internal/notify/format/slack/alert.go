package slack

import (
	"go.cordon.dev/cordon/internal/notify/wording"
)

// Lengths in characters after escaping. Slack refuses a message whose header
// is longer than 150, a section than 3000, a field than 2000.
const (
	maxTitle   = 140
	maxValue   = 200
	maxContent = 2000
	maxAdvice  = 1500
)

// alert is the message for a quarantined secret: what, how bad, where, the
// redacted text around it and what to do.
func alert(n wording.Notice) (string, []block) {
	title := wording.Mark(n.Severity) + " " + escape(n.Title, maxTitle)
	blocks := []block{
		{Type: "header", Text: &text{Type: "plain_text", Text: title}},
		{Type: "section", Fields: fields(n.Alert.Facts)},
	}
	if n.Alert.Evidence != "" {
		blocks = append(blocks, section("```\n"+fenced(n.Alert.Evidence, maxContent)+"\n```"))
	}
	blocks = append(blocks, section("*What to do:* "+escape(n.Alert.Advice, maxAdvice)), about(n))
	return title, blocks
}

func fields(facts []wording.Fact) []text {
	var fs []text
	for _, f := range facts {
		fs = append(fs, mrkdwn("*"+f.Label+"*\n"+code(f.Value, maxValue)))
	}
	return fs
}
