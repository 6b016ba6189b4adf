package wording

import (
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

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

// actionChanged says what a playbook wants, and what came of it. What notify says is
// the playbook's own sentence.
func actionChanged(_ event.Event, p event.ActionChanged) []Span {
	playbook := []Span{{Own, "Playbook "}, {Code, p.Playbook}}
	if p.Kind == "notify" && p.State == "done" {
		return append(playbook, Span{Own, ": "}, Span{Long, p.Message})
	}
	who, what := Span{Code, p.DecidedBy}, deed(p)
	switch p.State {
	case "dry_run":
		return append(append(playbook, Span{Own, " would "}), what...)
	case "pending":
		return append(append(append(playbook, Span{Own, " asks to "}), what...), until(p)...)
	case "due":
		if p.DecidedBy == "" {
			return append(append(playbook, Span{Own, " is about to "}), what...)
		}
		return decided(who, " let playbook ", p, " ", what)
	case "rejected":
		return decided(who, " did not let playbook ", p, " ", what)
	case "undone":
		return decided(who, " undid what playbook ", p, " did: ", what)
	case "expired":
		return append(append(playbook, Span{Own, " asked in vain to "}), what...)
	case "failed":
		said := append(append(playbook, Span{Own, " could not "}), what...)
		return append(said, because(p.Result)...)
	}
	return append(append(playbook, Span{Own, " did: "}), what...)
}

// deed is what is done, to whom.
func deed(p event.ActionChanged) []Span {
	if p.Target == "" {
		return []Span{{Own, p.Does()}}
	}
	does := strings.TrimSuffix(p.Does(), p.Target)
	if p.Kind == "quarantine" {
		return []Span{{Own, does}, {Code, shortFingerprint(p.Target)}}
	}
	return []Span{{Own, does}, {Code, p.Target}}
}

func decided(who Span, verb string, p event.ActionChanged, then string, what []Span) []Span {
	said := append([]Span{who, {Own, verb}, {Code, p.Playbook}, {Own, then}}, what...)
	return append(said, because(p.Reason)...)
}

func until(p event.ActionChanged) []Span {
	if p.Expires == nil {
		return nil
	}
	return []Span{{Own, "; it waits for approval until " + p.Expires.UTC().Format("2006-01-02 15:04 UTC")}}
}
