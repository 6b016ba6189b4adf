package wording

import (
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

func incidentOpened(e event.Event, p event.IncidentOpened) []Span {
	return append([]Span{{Strong, e.Severity.String()}, {Own, " incident: "}, {Plain, p.Title}}, incidentFacts(p.Incident)...)
}

func incidentUpdated(e event.Event, p event.IncidentUpdated) []Span {
	said := []Span{{Strong, e.Severity.String()}, {Own, " incident changed: "}, {Plain, p.Title}, {Own, ": "}, {Plain, p.Change}}
	return append(append(said, incidentBy(p.Incident)...), incidentFacts(p.Incident)...)
}

func incidentEscalated(e event.Event, p event.IncidentEscalated) []Span {
	said := []Span{{Strong, e.Severity.String()}, {Own, " incident that nobody has acknowledged: "}, {Plain, p.Title}}
	return append(said, incidentFacts(p.Incident)...)
}

func incidentClosed(_ event.Event, p event.IncidentClosed) []Span {
	return append([]Span{{Own, "Incident closed: "}, {Plain, p.Title}, {Own, ": "}, {Plain, p.Change}}, incidentBy(p.Incident)...)
}

func incidentBy(p event.Incident) []Span {
	if p.ChangedBy == "" {
		return nil
	}
	return []Span{{Own, ", by "}, {Code, p.ChangedBy}}
}

// incidentFacts says who saw it, how often, and what the secret looks like.
func incidentFacts(p event.Incident) []Span {
	said := []Span{{Own, " (seen " + times(p.Observations) + " by "}, {Plain, strings.Join(p.Sensors, " and ")}}
	if p.Redacted != "" {
		said = append(said, Span{Own, ", "}, Span{Code, p.Redacted})
	}
	return append(said, Span{Own, ")"})
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}
