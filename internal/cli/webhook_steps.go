package cli

import (
	"strings"

	"go.cordon.dev/cordon/internal/api"
)

// escalation says who is told of incidents that nobody acknowledges.
func escalation(h api.Webhook) string {
	var steps []string
	for _, s := range h.Escalate {
		steps = append(steps, s.To+" after "+s.After)
	}
	return strings.Join(steps, ", ")
}

// steps reads AFTER=WEBHOOK.
func (c *webhookAddCmd) steps() (out []api.WebhookStep, err error) {
	for _, s := range c.Escalate {
		after, to, ok := strings.Cut(s, "=")
		if !ok || after == "" || to == "" {
			return nil, usageError("--escalate %.80s: give a time and a webhook, such as 15m=oncall", s)
		}
		out = append(out, api.WebhookStep{After: after, To: to})
	}
	return out, nil
}
