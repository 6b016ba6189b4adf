package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// story is what the audit log says of a subscription. It holds neither the
// address nor the secret, only that they are others now.
type story struct {
	ID            string   `json:"id"`
	Host          string   `json:"host"`
	Format        string   `json:"format"`
	Topics        []string `json:"topics"`
	MinSeverity   string   `json:"min_severity"`
	MinConfidence float64  `json:"min_confidence,omitempty"`
	Rules         []string `json:"rules,omitempty"`
	Sources       []string `json:"sources,omitempty"`
	AllowPrivate  bool     `json:"allow_private,omitempty"`
	Manner        Manner   `json:"manner,omitzero"`
	Template      string   `json:"template,omitempty"`
	Escalate      []string `json:"escalate,omitempty"`
	State         State    `json:"state"`
	URL           string   `json:"url,omitempty"`
	Secret        string   `json:"secret,omitempty"`
}

// Stories returns what an audit entry says of a subscription before and after
// a change; nil where there is none.
func Stories(before, after *Subscription) (b, a json.RawMessage, err error) {
	if before != nil {
		if b, err = json.Marshal(tell(*before)); err != nil {
			return nil, nil, fmt.Errorf("telling of webhook %s: %w", before.ID, err)
		}
	}
	if after == nil {
		return b, nil, nil
	}
	now := tell(*after)
	if before != nil && before.URL != after.URL {
		now.URL = "changed"
	}
	if before != nil && !bytes.Equal(before.SealedSecret, after.SealedSecret) {
		now.Secret = "changed"
	}
	if a, err = json.Marshal(now); err != nil {
		return nil, nil, fmt.Errorf("telling of webhook %s: %w", after.ID, err)
	}
	return b, a, nil
}

func tell(s Subscription) story {
	var steps []string
	for _, e := range s.Escalate {
		steps = append(steps, e.To+" after "+e.After.String())
	}
	return story{
		ID: s.ID, Host: hostOf(s.URL), Format: s.Format, Topics: s.Topics, MinSeverity: s.MinSeverity.String(),
		MinConfidence: s.MinConfidence, Rules: s.Rules, Sources: s.Sources, AllowPrivate: s.AllowPrivate, Manner: s.Manner, Template: s.Template,
		Escalate: steps, State: s.State(),
	}
}
