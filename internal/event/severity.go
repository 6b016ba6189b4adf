package event

import (
	"fmt"
	"strings"
)

// Severity ranks how much a thing matters; higher is worse. The store keeps
// the rank, JSON and labels the lower-case name.
type Severity int

// The five severities. Info never enters quarantine.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"info", "low", "medium", "high", "critical"}

// Severities lists all, mildest first.
func Severities() []Severity { return []Severity{Info, Low, Medium, High, Critical} }

// ParseSeverity reads a name in any case.
func ParseSeverity(s string) (Severity, error) {
	for i, name := range severityNames {
		if strings.EqualFold(s, name) {
			return Severity(i), nil
		}
	}
	return Info, fmt.Errorf("severity %q is not one of %s", s, strings.Join(severityNames[:], ", "))
}

// String returns the lower-case name.
func (s Severity) String() string {
	if s < Info || s > Critical {
		return fmt.Sprintf("severity(%d)", int(s))
	}
	return severityNames[s]
}

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) {
	if s < Info || s > Critical {
		return nil, fmt.Errorf("severity %d is out of range", int(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(b []byte) error {
	v, err := ParseSeverity(string(b))
	if err != nil {
		return err
	}
	*s = v
	return nil
}
