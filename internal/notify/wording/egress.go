package wording

import (
	"net"
	"strconv"

	"go.cordon.dev/cordon/internal/event"
)

func leakBlocked(e event.Event, p event.LeakBlocked) []Span {
	said := []Span{{Strong, e.Severity.String()}, {Own, " leak kept in: "}}
	for i, f := range p.Findings {
		if i > 0 {
			said = append(said, Span{Own, ", "})
		}
		said = append(said, Span{Code, f.Rule}, Span{Own, " ("}, Span{Code, f.Redacted}, Span{Own, ")"})
	}
	return append(append(said, Span{Own, " on the way to "}), outside(p.Connection)...)
}

func denied(_ event.Event, p event.ConnectionDenied) []Span {
	return append([]Span{{Own, "Kept in ("}, {Plain, words(p.Reason)}, {Own, "): "}}, outside(p.Connection)...)
}

func allowed(_ event.Event, p event.ConnectionAllowed) []Span {
	return append([]Span{{Own, "Let out ("}, {Plain, words(p.Reason)}, {Own, "): "}}, outside(p.Connection)...)
}

// outside says where somebody wanted to go, and who, if that is known.
func outside(c event.Connection) []Span {
	to := []Span{{Code, net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))}}
	if c.Program != "" {
		to = append(to, Span{Own, " by "}, Span{Code, c.Program})
	}
	return to
}

func killSwitch(e event.Event, p event.KillSwitchChanged) []Span {
	turned := " lifted the kill switch of "
	if p.Active {
		turned = " turned the kill switch on at "
	}
	return append([]Span{{Code, p.ChangedBy}, {Own, turned}, {Code, e.Source}}, because(p.Reason)...)
}
