package wording

import "go.cordon.dev/cordon/internal/event"

func gatewayState(_ event.Event, p event.GatewayReported) []Span {
	said := []Span{{Own, "Gossip gateway "}, {Code, p.GatewayID}, {Own, " is "}, {Strong, p.State}}
	if p.State == event.GatewayLost {
		said = append(said, Span{Own, ": it does not report any more; nodes that only it joins hear nothing of each other"})
	}
	return said
}

func gatewayBypassed(_ event.Event, p event.GatewayBypassed) []Span {
	said := []Span{
		{Own, "Bypass of gossip gateway "}, {Code, p.GatewayID}, {Own, ": "}, {Code, p.PeerA}, {Own, " and "}, {Code, p.PeerB},
		{Own, " reach each other without it, unscanned"},
	}
	return append(said, because(p.Evidence)...)
}

func withheldChanged(_ event.Event, p event.WithheldChanged) []Span {
	what := " lets gossip gateways pass message "
	if p.Blocked {
		what = " has gossip gateways withhold message "
	}
	return append([]Span{{Code, p.ChangedBy}, {Own, what}, {Code, p.MessageID}}, because(p.Reason)...)
}
