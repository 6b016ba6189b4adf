package notify

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

const (
	maxWebhooks = 256
	maxTopics   = 64
	maxNames    = 64  // entries of a filter
	maxName     = 128 // bytes of each
	maxID       = 64
	maxSecret   = 256 // bytes
	goodSecret  = 24  // bytes; Standard Webhooks 1.0 asks for 24 to 64
)

// Webhook is a subscription as a person states it: in the configuration file
// or through the API. The URL is kept like a secret, since for some receivers
// it is the only one.
type Webhook struct {
	ID            string         // Mandatory. Stable; 1 to 64 letters, digits, - or _.
	URL           redact.Secret  // Mandatory. See CheckURL.
	Secret        redact.Secret  // whsec_ and base64, or any bytes; the key, where the format wants one. If zero, deliveries are not signed.
	Topics        []string       // Mandatory. See event.CheckPattern and ExpandTopics.
	Format        string         // Mandatory. The name of a known format.
	MinSeverity   event.Severity // The mildest severity to deliver.
	MinConfidence float64        // 0 to 1: of events that state a confidence, those at least so sure.
	Rules         []string       // Of events that name a rule: only these. If empty, all.
	Sources       []string       // Of events that name a leak source: only these. If empty, all.
	AllowPrivate  bool           // May point at loopback and private addresses.
	Manner        Manner         // When it is told. If zero, at once.
	Template      string         // The body, of a Templated format. If empty, the format's own.
	Escalate      []Step         // Who is told of incidents that nobody acknowledges. If empty, nobody.
}

// ExpandTopics returns the patterns of the presets, and then the topics, each
// once. An unknown preset is an error that names those there are.
func ExpandTopics(presets, topics []string) ([]string, error) {
	var all []string
	for _, name := range presets {
		p, ok := event.FindPreset(name)
		if !ok {
			return nil, fmt.Errorf("preset %q is not one of %s", name, strings.Join(presetNames(), ", "))
		}
		all = append(all, p.Patterns...)
	}
	var once []string
	for _, t := range append(all, topics...) {
		if !slices.Contains(once, t) {
			once = append(once, t)
		}
	}
	return once, nil
}

func presetNames() []string {
	var names []string
	for _, p := range event.Presets() {
		names = append(names, p.Name)
	}
	return names
}

// InputError is what is wrong with one field of a webhook. It shows no URL and
// no secret.
type InputError struct {
	Field string // as the API and the configuration call it
	Why   string
}

// Error implements error.
func (e *InputError) Error() string { return e.Field + ": " + e.Why }

// Check reports everything that is wrong with the webhooks, each fault with
// the entry's place and id. It shows no URL and no secret.
func Check(hooks []Webhook, formats []Format) error {
	if len(hooks) > maxWebhooks {
		return fmt.Errorf("notify.webhooks: %d entries are more than %d", len(hooks), maxWebhooks)
	}
	var errs []error
	seen := map[string]bool{}
	for i, h := range hooks {
		where := fmt.Sprintf("notify.webhooks[%d] %q", i, h.ID)
		for _, f := range h.faults(formats) {
			errs = append(errs, fmt.Errorf("%s: %s", where, f.Why))
		}
		if seen[h.ID] {
			errs = append(errs, fmt.Errorf("%s: id is used twice", where))
		}
		seen[h.ID] = true
	}
	return errors.Join(errs...)
}

// faults lists what is wrong with h.
func (h Webhook) faults(formats []Format) (all []*InputError) {
	for _, c := range []struct {
		field string
		err   error
	}{
		{"id", checkID(h.ID)},
		{"url", CheckURL(h.URL.Reveal(), h.AllowPrivate)},
		{"url", checkWay(h.URL.Reveal(), findFormat(h.Format, formats), h.Secret)},
		{"topics", checkTopics(h.Topics)},
		{"format", checkFormat(h.Format, formats)},
		{"template", checkTemplate(h.Template, findFormat(h.Format, formats))},
		{"min_confidence", checkConfidence(h.MinConfidence)},
		{"rules", checkNames("rules", h.Rules)},
		{"sources", checkNames("sources", h.Sources)},
		{"escalate", CheckSteps(h.Escalate)},
		{"secret", checkSecret(h.Secret, findFormat(h.Format, formats))}, // the last: see Notifier.apply
	} {
		if c.err != nil {
			all = append(all, &InputError{c.field, c.err.Error()})
		}
	}
	if f := h.Manner.fault(); f != nil {
		all = append([]*InputError{f}, all...)
	}
	return all
}

func checkID(id string) error {
	ok := id != "" && len(id) <= maxID
	for _, r := range id {
		ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}
	if !ok {
		return fmt.Errorf("id must be 1 to %d letters, digits, - or _", maxID)
	}
	return nil
}

func checkTopics(topics []string) error {
	if len(topics) == 0 {
		return errors.New("topics are missing; leak.message.quarantined, leak.> or the preset Leaks is a good start")
	}
	if len(topics) > maxTopics {
		return fmt.Errorf("%d topics are more than %d", len(topics), maxTopics)
	}
	for _, t := range topics {
		if err := event.CheckPattern(t); err != nil {
			return err
		}
	}
	return nil
}

func checkFormat(name string, formats []Format) error {
	if findFormat(name, formats) == nil {
		return unknownFormat(name, formats)
	}
	return nil
}

func checkSecret(s redact.Secret, f Format) error {
	if n := len(s.Reveal()); n > maxSecret {
		return fmt.Errorf("secret has %d bytes, more than %d", n, maxSecret)
	}
	if k, ok := f.(Keyed); ok {
		return k.CheckKey(s)
	}
	if _, ok := f.(Carried); ok {
		return nil // any password; the way's address was held against it
	}
	_, err := newSigner([]byte(s.Reveal()))
	return err
}

func checkConfidence(c float64) error {
	if math.IsNaN(c) || c < 0 || c > 1 {
		return fmt.Errorf("min_confidence %v is not between 0 and 1", c)
	}
	return nil
}

func checkNames(field string, names []string) error {
	if len(names) > maxNames {
		return fmt.Errorf("%d %s are more than %d", len(names), field, maxNames)
	}
	for _, n := range names {
		if n == "" || len(n) > maxName || strings.ContainsFunc(n, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }) {
			return fmt.Errorf("%s holds %.140q; give ids of 1 to %d bytes without white space", field, n, maxName)
		}
	}
	return nil
}
