package playbook

import (
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode"

	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// Mode is how far a playbook goes by itself.
type Mode string

// The modes.
const (
	DryRun  Mode = "dry_run" // it says what it would do
	Approve Mode = "approve" // it asks first
	Act     Mode = "act"     // it does it
)

// Kind is what is done.
type Kind string

// The kinds of actions.
const (
	BlockAddress Kind = "block"
	Quarantine   Kind = "quarantine"
	// QuarantineMessage is said of a gossip message, by the id that its sender gave it.
	QuarantineMessage Kind = "quarantine_message"
	KillSwitch        Kind = "kill_switch"
	Notify            Kind = "notify"
)

// Playbook is one answer to some events. Parse makes it.
type Playbook struct {
	ID          string
	Description string
	Topics      []string // patterns
	When        string   // CEL; empty: always
	Mode        Mode
	PerHour     int           // the most actions within an hour
	Within      time.Duration // how long an action waits for approval
	Block       *Block        // nil: none
	Quarantine  *Withheld     // nil: none
	KillSwitch  bool
	Notify      string // what is said; empty: nothing

	condition *condition.Condition // nil: always
	fields    fields               // of data, in the condition and of Block
}

// Block is whom to block, and how long.
type Block struct {
	For   time.Duration
	UpTo  time.Duration // whoever comes back is blocked twice as long as the last time, up to so long; 0: as long as ever
	Field string        // of data: the address
}

// Withheld is which secret, or which gossip message, gateways are to withhold.
type Withheld struct {
	Field   string // of data: the keyed fingerprint; empty: no secret
	Message string // of data: the message's id; empty: no message
}

// maxMessageID bounds the id of a message that an action can name, in bytes. A gateway
// knows longer ones, but an action keeps no more of its target.
const maxMessageID = 190

// fingerprintForm is v1:<keyid>:<hex>. An event may come from elsewhere and say anything.
var fingerprintForm = regexp.MustCompile(`^v[0-9]{1,3}:[0-9a-f]{1,32}:[0-9a-f]{1,128}$`)

// Action is what a playbook wants done about an event.
type Action struct {
	Kind   Kind
	Target string        // block: the address; quarantine: the fingerprint; quarantine_message: the id. Empty otherwise.
	For    time.Duration // block
	UpTo   time.Duration // likewise, see Block
	Text   string        // notify
}

// Answers returns what is to be done about an event; nothing when the playbook is not
// about it. The error says that the condition could not be answered; it quotes nothing
// of the event.
func (p *Playbook) Answers(e event.Event) ([]Action, error) {
	if !p.about(e.Topic) {
		return nil, nil
	}
	data, err := p.fields.read(e)
	if err != nil {
		return nil, err
	}
	if holds, err := p.holds(e, data); err != nil || !holds {
		return nil, err
	}
	return p.actions(data), nil
}

func (p *Playbook) about(topic string) bool {
	if topic == event.TopicKillSwitchChanged {
		return false // a playbook must not answer what playbooks do
	}
	for _, pattern := range p.Topics {
		if event.Match(pattern, topic) {
			return true
		}
	}
	return false
}

// actions are the playbook's. Without an address in the event nothing is blocked, and
// without a fingerprint or an id nothing withheld.
func (p *Playbook) actions(data map[string]any) []Action {
	var out []Action
	if p.Block != nil {
		text, _ := data[p.Block.Field].(string)
		if addr, err := netip.ParseAddr(text); err == nil {
			out = append(out, Action{Kind: BlockAddress, Target: addr.Unmap().WithZone("").String(), For: p.Block.For, UpTo: p.Block.UpTo})
		}
	}
	if p.Quarantine != nil {
		out = append(out, p.Quarantine.actions(data)...)
	}
	if p.KillSwitch {
		out = append(out, Action{Kind: KillSwitch})
	}
	if p.Notify != "" {
		out = append(out, Action{Kind: Notify, Text: p.Notify})
	}
	return out
}

// actions withhold what an event names. An id that an action could not keep whole, or that
// is no readable text, is left out: another message's would be withheld.
func (w Withheld) actions(data map[string]any) (out []Action) {
	if text, _ := data[w.Field].(string); fingerprintForm.MatchString(text) {
		out = append(out, Action{Kind: Quarantine, Target: text})
	}
	text, _ := data[w.Message].(string)
	if text != "" && len(text) <= maxMessageID && strings.IndexFunc(text, unreadable) < 0 {
		out = append(out, Action{Kind: QuarantineMessage, Target: text})
	}
	return out
}

func unreadable(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }

// Does names the kinds of what the playbook does.
func (p *Playbook) Does() []string {
	var out []string
	for _, k := range []struct {
		kind Kind
		does bool
	}{
		{BlockAddress, p.Block != nil}, {Quarantine, p.Quarantine != nil && p.Quarantine.Field != ""},
		{QuarantineMessage, p.Quarantine != nil && p.Quarantine.Message != ""}, {KillSwitch, p.KillSwitch}, {Notify, p.Notify != ""},
	} {
		if k.does {
			out = append(out, string(k.kind))
		}
	}
	return out
}
