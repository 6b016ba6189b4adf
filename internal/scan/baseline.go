package scan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Baseline is the findings that are known already: it lets them through. A
// report in JSON or JSON lines is one, and so is a report of gitleaks. It is a
// Filter.
type Baseline struct {
	ids    map[string]string // place -> its fingerprint, where it has one
	prints map[print]bool
	places *IgnoredPlaces
}

// print is a secret of a rule in a file, by its keyed fingerprint.
type print struct{ rule, file, fingerprint string }

// maxBaseline bounds a baseline, in bytes.
const maxBaseline = 512 << 20

// ReadBaseline reads a report; known is as for NewIgnoredPlaces.
func ReadBaseline(file string, known func(rule string) bool) (*Baseline, error) {
	data, err := readWhole(file, maxBaseline)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	b := &Baseline{map[string]string{}, map[print]bool{}, NewIgnoredPlaces(known)}
	if err := b.parse(data); err != nil {
		return nil, fmt.Errorf("%s is no baseline, which is a report in JSON: %w", file, err)
	}
	return b, nil
}

func (b *Baseline) parse(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return errors.New("it is empty")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if data[0] == '[' {
		if _, err := d.Token(); err != nil {
			return err
		}
	}
	for n := 1; d.More(); n++ {
		var raw map[string]json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		if err := b.entry(raw); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
	}
	if data[0] == '[' {
		if _, err := d.Token(); err != nil {
			return err
		}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind its end")
	}
	return nil
}

// entry takes one finding. The keys are looked up as they are written, since
// gitleaks has a Fingerprint that is something else than our fingerprint.
func (b *Baseline) entry(raw map[string]json.RawMessage) error {
	text := func(key string) string {
		var s string
		_ = json.Unmarshal(raw[key], &s)
		return s
	}
	switch {
	case text("id") != "":
		id, fingerprint := text("id"), text("fingerprint")
		b.ids[id] = fingerprint
		if fingerprint != "" {
			b.prints[print{text("rule"), text("file"), fingerprint}] = true
		}
		return nil
	case text("Fingerprint") != "" && b.places.Add(text("Fingerprint")):
		return nil
	}
	return errors.New("it has no id")
}

// Len is how many findings it holds.
func (b *Baseline) Len() int { return len(b.ids) + len(b.places.places) }

// Allows says whether a finding is in the baseline. Where both have
// fingerprints of one key those decide, so that another secret in the same
// place is new, and the same one a line further is not.
func (b *Baseline) Allows(f *Finding) bool {
	if b.places.Allows(f) {
		return true
	}
	old, there := b.ids[f.ID]
	if f.Fingerprint == nil {
		return there
	}
	if b.prints[print{f.Rule, f.File, *f.Fingerprint}] {
		return true
	}
	return there && !sameKey(old, *f.Fingerprint)
}

// sameKey says whether two fingerprints, v1:KEY:HEX, are of one key.
func sameKey(a, b string) bool {
	i, j := strings.LastIndexByte(a, ':'), strings.LastIndexByte(b, ':')
	return i > 0 && j > 0 && a[:i] == b[:j]
}
