package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// SeverityBar is the policy's bar with its default filled in.
func (p Policy) SeverityBar() event.Severity {
	if p.MinSeverity == nil {
		return DefaultMinSeverity
	}
	return *p.MinSeverity
}

// ConfidenceBar is the policy's bar with its default filled in.
func (p Policy) ConfidenceBar() float64 {
	if p.MinConfidence == nil {
		return DefaultMinConfidence
	}
	return *p.MinConfidence
}

// Bars are the bars of single severities; nil when there are none.
func (c Confidence) Bars() map[event.Severity]float64 {
	var bars map[event.Severity]float64
	for s, bar := range map[event.Severity]*float64{
		event.Low: c.Low, event.Medium: c.Medium, event.High: c.High, event.Critical: c.Critical,
	} {
		if bar == nil {
			continue
		}
		if bars == nil {
			bars = map[event.Severity]float64{}
		}
		bars[s] = *bar
	}
	return bars
}

// check reports what is wrong with a policy that stands at the given key.
func (p Policy) check(at string) error {
	var errs []error
	if p.MinSeverity != nil && *p.MinSeverity == event.Info {
		errs = append(errs, fmt.Errorf("%s.min_severity: info never enters quarantine; the lowest is low", at))
	}
	if bar := p.ConfidenceBar(); !(bar >= 0 && bar <= 1) {
		errs = append(errs, fmt.Errorf("%s.min_confidence: %v is not between 0 and 1", at, bar))
	}
	bars := p.Confidence.Bars()
	for _, s := range slices.Sorted(maps.Keys(bars)) {
		if bar := bars[s]; !(bar >= 0 && bar <= 1) {
			errs = append(errs, fmt.Errorf("%s.confidence.%s: %v is not between 0 and 1", at, s, bar))
		}
	}
	return errors.Join(errs...)
}

// check refuses names that would never match.
func (m MessageTypes) check(at string) error {
	for _, name := range slices.Concat(m.Include, m.Exclude) {
		if head, _ := strings.CutSuffix(name, "*"); name == "" || strings.Contains(head, "*") {
			return fmt.Errorf("%s.message_types: %q: give the name of a type; a * may stand at its end only", at, name)
		}
	}
	return nil
}
