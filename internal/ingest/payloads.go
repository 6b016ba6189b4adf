package ingest

import (
	"errors"
	"fmt"
	"slices"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

func checkFinding(p *event.FindingDetected, _ event.Event, redact func(string) string) error {
	return errors.Join(checkBase(&p.Finding, redact), checkPlace(&p.Place, redact), checkID("finding_id", p.FindingID))
}

func checkQuarantined(p *event.MessageQuarantined, e event.Event, redact func(string) string) error {
	err := errors.Join(checkBase(&p.Finding, redact), checkPlace(&p.Place, redact), checkID("quarantine_id", p.QuarantineID))
	if !printForm.MatchString(p.FullContentHash) {
		err = errors.Join(err, errors.New("full_content_hash is not v1:KEYID:HEX"))
	}
	if p.Disposition != "withheld" && p.Disposition != "observed" {
		err = errors.Join(err, errors.New("disposition is not withheld or observed"))
	}
	if e.Severity < event.Low || p.Occurrences < 1 {
		err = errors.Join(err, errors.New("a quarantined message has a severity from low on, and at least one occurrence"))
	}
	return errors.Join(err, clean(redact, map[string]*string{
		"redacted_content": &p.RedactedContent, "message_type": &p.MessageType, "from": &p.From, "recommendation": &p.Recommendation,
	}))
}

func checkState(p *event.SourceStateChanged, _ event.Event, redact func(string) string) error {
	if !slices.Contains([]string{"waiting", "catching_up", "live", "failing", "stopped"}, p.State) {
		return errors.New("state is not one of waiting, catching_up, live, failing, stopped")
	}
	if !nameForm.MatchString(p.SourceID) || !nameForm.MatchString(p.Kind) {
		return errors.New("source_id and kind are names of 1 to 128 letters, digits, - . or _")
	}
	return clean(redact, map[string]*string{"source_id": &p.SourceID, "kind": &p.Kind, "detail": &p.Detail})
}

// checkBase checks what every finding says. The redacted form of a secret is
// redacted once more: a process that forgot to must not leak through here.
func checkBase(p *event.Finding, redact func(string) string) error {
	switch {
	case !printForm.MatchString(p.Fingerprint):
		return errors.New("fingerprint is not v1:KEYID:HEX")
	case !nameForm.MatchString(p.Rule) || !nameForm.MatchString(p.SecretType):
		return errors.New("rule and secret_type are names of 1 to 128 letters, digits, - . or _")
	case !(p.Confidence >= 0 && p.Confidence <= 1):
		return errors.New("confidence is not between 0 and 1")
	case p.OccurredAt.IsZero():
		return errors.New("occurred_at is missing")
	}
	p.OccurredAt = p.OccurredAt.UTC()
	return clean(redact, map[string]*string{"rule": &p.Rule, "secret_type": &p.SecretType, "redacted": &p.Redacted})
}

func checkPlace(p *event.Place, redact func(string) string) error {
	switch {
	case !nameForm.MatchString(p.SourceID):
		return errors.New("source_id is not a name of 1 to 128 letters, digits, - . or _")
	case !coreForm.MatchString(p.CoreKey):
		return errors.New("core_key is not a public key in hex")
	case p.MessageID == "":
		return errors.New("bzzz_message_id is missing")
	}
	return clean(redact, map[string]*string{"source_id": &p.SourceID, "bzzz_message_id": &p.MessageID})
}

func checkID(field, value string) error {
	if err := id.Check(value); err != nil {
		return fmt.Errorf("%s is not a UUID of version 7", field)
	}
	return nil
}

// clean redacts texts. What has the form of a keyed hash is one.
func clean(redact func(string) string, texts map[string]*string) error {
	for field, t := range texts {
		if len(*t) > maxText {
			return fmt.Errorf("%s has more than %d bytes", field, maxText)
		}
		if !printForm.MatchString(*t) {
			*t = redact(*t)
		}
	}
	return nil
}
