package incident

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// Brief answers what whoever is called at night asks first, in the order in which it is
// asked. It is made of what is known, and kept nowhere.
type Brief struct {
	Happened string   // what happened, and why it matters
	Got      []string // what got out, or what whoever was there had of it, the worst first
	Done     []string // what was done about it so far, by Cordon and by people
	Next     []Step   // what to do now, in this order; none when it is closed
}

// Step is one thing to do.
type Step struct {
	Words   string // what, for people
	Command string // of the command line, that does it or shows more; empty: there is none
}

// BriefOf is the brief of an incident, from a digest of its timeline. advice is what to
// do about such a secret; empty: nobody said.
func BriefOf(i Incident, d Digest, advice string) Brief {
	lines := d.Lines
	b := Brief{Happened: happened(i, lines), Got: got(i, d), Done: done(d)}
	if i.State.Open() {
		b.Next = next(i, advice)
	}
	return b
}

// happened is why it matters, or, when one sensor alone saw it, what that saw first.
func happened(i Incident, lines []Entry) string {
	if words := meaning(i); words != "" {
		return words
	}
	if i.Key.Kind == Link {
		return "Two nodes that the gateway should keep apart reach each other past it. What they say there is not looked at."
	}
	for _, e := range slices.Backward(lines) {
		if e.Kind != Human && e.Topic != "" {
			return e.Words + "."
		}
	}
	return i.Title + "."
}

// meaning is what a join means; empty without one.
func meaning(i Incident) string {
	switch i.Join {
	case PlantedSecretSeen:
		return "This secret exists only on a decky: whoever has it was there."
	case LeakedSecretInUse:
		return "This secret was found where it does not belong, and " + uses(i.Sensors) + ". Whoever saw it there may be using it."
	case AttackerUsedKey:
		return "An address that touched a decky also used one of your API keys."
	case AttackersHostWanted:
		return "A program here wants to reach a machine that an attacker named on a decky: it may be theirs."
	case AnomalousAttacker:
		return "An address that is conspicuous in your own logs also touched a decky, where nobody has a reason to be."
	}
	return ""
}

// uses is what was done with a secret that was found.
func uses(sensors []Sensor) string {
	var ways []string
	if slices.Contains(sensors, Egress) {
		ways = append(ways, "a program sent it somewhere, or wanted to")
	}
	if slices.Contains(sensors, Deception) {
		ways = append(ways, "somebody tried it on a decky, where nobody has a reason to log in")
	}
	return strings.Join(ways, "; and ")
}

// tally counts the lines of a topic that are of a sensor, and knows the newest. more:
// lines of its lane were left out, of which some may count.
type tally struct {
	n    int
	last Entry
	more bool
}

func tallied(d Digest, counts func(Entry) bool) (t tally) {
	for _, e := range d.Lines {
		if e.Kind == Human || !counts(e) {
			continue
		}
		if t.n++; t.n == 1 {
			t.last = e
			t.more = slices.ContainsFunc(d.Omitted, func(o Omitted) bool { return o.Lane == Lane{e.Sensor, e.Kind} })
		}
	}
	return t
}

func (t tally) times() string {
	switch {
	case t.more:
		return fmt.Sprintf("at least %d times", t.n)
	case t.n == 1:
		return "once"
	}
	return fmt.Sprintf("%d times", t.n)
}

func ofTopic(topic string) func(Entry) bool { return func(e Entry) bool { return e.Topic == topic } }

// refusals are lines of what was to leave and did not.
func refusals(e Entry) bool {
	return e.Topic == event.TopicLeakBlocked || e.Topic == event.TopicConnectionDenied
}

// withheldMark ends the words of a message that was kept from everybody.
const withheldMark = "(withheld)"

// got is what others had of it, as far as the lines tell, the worst first.
func got(i Incident, d Digest) (all []string) {
	if t := tallied(d, ofTopic(event.TopicConnectionAllowed)); t.n > 0 {
		all = append(all, fmt.Sprintf("It left this machine %s, last for %s: the policy only watches.", t.times(), t.last.Place))
	}
	if t := tallied(d, ofTopic(event.TopicKeyUsed)); t.n > 0 {
		all = append(all, t.last.Words+".")
	}
	found := ofTopic(event.TopicMessageQuarantined)
	kept := func(e Entry) bool { return found(e) && strings.HasSuffix(e.Words, withheldMark) }
	if t := tallied(d, func(e Entry) bool { return found(e) && !kept(e) }); t.n > 0 {
		all = append(all, fmt.Sprintf("Whoever reads %s has it: what was written there stays.", t.last.Place))
	}
	if t := tallied(d, kept); t.n > 0 {
		all = append(all, "Gateways withheld it: who is behind them did not get it.")
	}
	if slices.Contains(i.Sensors, Deception) {
		all = append(all, "What was reached on a decky is a decoy: nothing of yours is there.")
	}
	if slices.Contains(i.Sensors, Egress) && tallied(d, refusals).n > 0 && tallied(d, ofTopic(event.TopicConnectionAllowed)).n == 0 {
		all = append(all, "Nothing left by the egress gateway: each attempt was refused.")
	}
	return all
}

// mostDone is how many lines of playbooks and people a brief has; the timeline has all.
const mostDone = 5

// done is what Cordon did by itself, in a few words, and what playbooks and people did
// last.
func done(d Digest) (all []string) {
	if t := tallied(d, refusals); t.n > 0 {
		all = append(all, fmt.Sprintf("Cordon refused to let it out %s, last to %s.", t.times(), t.last.Place))
	}
	for _, e := range d.Lines {
		acted := e.Kind == Human || e.Kind == Response && !refusals(e)
		if !acted || len(all) >= mostDone {
			continue
		}
		all = append(all, strings.TrimPrefix(e.By+": ", ": ")+e.Words)
	}
	return all
}

// next is what to do now.
func next(i Incident, advice string) []Step {
	steps := stop(i, advice)
	steps = append(steps, lookInto(i)...)
	return append(steps, Step{"Close it with what you did; it opens again when it is seen again.", fmt.Sprintf("cordon incident resolve %s %q", i.ID, "what was done")})
}

// stop is what ends the harm.
func stop(i Incident, advice string) []Step {
	switch {
	case i.Join == PlantedSecretSeen:
		return []Step{{"Find out how it came from the decky to where it was seen.", "cordon decky list"}}
	case i.Key.Kind == Secret:
		return []Step{{cmp.Or(advice, "Revoke the secret where it was issued, and replace it."), ""}}
	case i.Join == AttackerUsedKey:
		return []Step{{"Revoke the key, then look at what it was used for.", "cordon apikey list"}, block(i)}
	case i.Join == AttackersHostWanted:
		return []Step{{"Look at that program. To stop everything that leaves until you know:", "cordon egress killswitch on " + fmt.Sprintf("%q", "an attacker's host is wanted")}}
	case i.Key.Kind == Link:
		return []Step{{"Give the nodes of each side only the gateway's address, and have the firewall refuse connections between the sides.", "cordon bzzz status"}}
	}
	return []Step{block(i)}
}

// block puts an address on the list that firewalls pull.
func block(i Incident) Step {
	return Step{"Have your firewalls turn the address away for a day.", fmt.Sprintf("cordon decision add %s --for 24h --reason %q", i.Key.Value, "incident "+i.ID)}
}

// lookInto is where more is to be seen.
func lookInto(i Incident) (steps []Step) {
	if i.Program != "" {
		steps = append(steps, Step{"Find out what " + i.Program + " does, and who runs it.", "cordon egress programs"})
	}
	if i.SourceIP != "" && slices.Contains(i.Sensors, Deception) {
		steps = append(steps, Step{"Find out who " + i.SourceIP + " is, and what else was done from there.", "cordon attacker show " + i.SourceIP})
	}
	return steps
}
