package detect

import (
	"fmt"
	"strings"
)

// Severity says how bad it is when a secret of a rule leaks. The zero value is
// invalid on purpose, so that a rule that forgot to say is refused.
type Severity uint8

// The severities, in rising order.
const (
	SeverityInfo Severity = iota + 1
	SeverityLow
	SeverityMedium
	SeverityHigh
	SeverityCritical
)

func severityNames() [6]string {
	return [...]string{"", "info", "low", "medium", "high", "critical"}
}

// ParseSeverity reads a severity in any case ("HIGH", "high").
func ParseSeverity(text string) (Severity, error) {
	for i, name := range severityNames() {
		if i > 0 && strings.EqualFold(name, strings.TrimSpace(text)) {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("severity %q is none of info, low, medium, high, critical", text)
}

// String returns the lower-case name, or "invalid".
func (s Severity) String() string {
	if s < SeverityInfo || s > SeverityCritical {
		return "invalid"
	}
	return severityNames()[s]
}

// MarshalText writes the lower-case name.
func (s Severity) MarshalText() ([]byte, error) {
	if s < SeverityInfo || s > SeverityCritical {
		return nil, fmt.Errorf("severity %d is out of range", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads a severity in any case.
func (s *Severity) UnmarshalText(text []byte) error {
	v, err := ParseSeverity(string(text))
	if err != nil {
		return err
	}
	*s = v
	return nil
}
