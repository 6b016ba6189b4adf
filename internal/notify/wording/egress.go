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

func firstSeen(_ event.Event, p event.EndpointFirstSeen) []Span {
	was := "kept in"
	if p.Decision == "allow" {
		was = "let out"
	}
	said := append([]Span{{Own, "First seen: "}}, outside(event.Connection{Host: p.Host, Port: p.Port, Program: p.Program})...)
	return append(said, Span{Own, " (" + was + ", "}, Span{Plain, words(p.Reason)}, Span{Own, "); it waits for review"})
}

func tooManyDenied(_ event.Event, p event.ThresholdExceeded) []Span {
	who := Span{Own, "A program that is not known"}
	if p.Program != "" {
		who = Span{Code, p.Program}
	}
	said := []Span{who, {Own, " was denied " + strconv.Itoa(p.Blocked) + " times within " + strconv.Itoa(p.WindowSeconds) + " s, last: "}}
	return append(said, outside(event.Connection{Host: p.Host, Port: p.Port})...)
}

func unusual(_ event.Event, p event.BaselineDeviated) []Span {
	said := []Span{{Own, "Unusual traffic: "}, {Plain, p.Explanation}}
	if p.Program != "" {
		said = append(said, Span{Own, " by "}, Span{Code, p.Program})
	}
	return said
}
