package wording

import "go.cordon.dev/cordon/internal/event"

func blockChanged(_ event.Event, p event.BlockChanged) []Span {
	who := []Span{{Code, p.ChangedBy}}
	if p.Active && p.Origin == "playbook" {
		who = []Span{{Own, "Playbook "}, {Code, p.ChangedBy}}
	}
	if !p.Active {
		return append(append(who, Span{Own, " took "}, Span{Code, p.Network}, Span{Own, " off the block list"}), because(p.Reason)...)
	}
	until := " until " + p.Until.UTC().Format("2006-01-02 15:04 UTC")
	return append(append(who, Span{Own, " blocked "}, Span{Code, p.Network}, Span{Own, until}), because(p.Reason)...)
}
