package leak

import (
	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/event"
)

// severityOf translates the public library's severity into the house's.
func severityOf(s detect.Severity) event.Severity {
	switch s {
	case detect.SeverityCritical:
		return event.Critical
	case detect.SeverityHigh:
		return event.High
	case detect.SeverityMedium:
		return event.Medium
	case detect.SeverityLow:
		return event.Low
	default:
		return event.Info
	}
}
