package incident

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// seen makes an incident of observations, and its timeline, newest first.
func seen(all ...Observation) (Incident, []Entry) {
	i, _ := Open("01a2", all[0], noon)
	lines := []Entry{all[0].Line("0")}
	for _, o := range all[1:] {
		if !o.Remark {
			i.Observe(o, noon)
		}
		lines = append([]Entry{o.Line("n")}, lines...)
	}
	return i, lines
}

func triedOnDecky() Observation {
	return Observation{
		EventID: "e3", Topic: event.TopicCredentialCaptured, At: noon.Add(time.Minute), Key: Key{Secret, "v1:k:a"}, Sensor: Deception, Severity: event.Critical,
		SourceIP: "203.0.113.9", Place: "decky web-3 (ssh)", Summary: "203.0.113.9 tried a leaked secret on decky web-3 (ssh)",
	}
}

// Whoever is called at night reads what happened, what got out, what was done about it
// and what to do now.
func TestABriefAnswersWhatIsAskedFirst(t *testing.T) {
	watched := used()
	watched.Topic = event.TopicConnectionAllowed
	withheld := leaked()
	withheld.Summary = "GITHUB_TOKEN found in gossip " + withheldMark
	address := Key{Address, "203.0.113.9"}
	touched := Observation{Topic: "attacker.session.started", Key: address, Sensor: Deception, SourceIP: "203.0.113.9", Summary: "203.0.113.9 connected to decky web-3"}
	key := Observation{Topic: event.TopicKeyUsed, Key: address, Sensor: Access, SourceIP: "203.0.113.9", Summary: `203.0.113.9 used the API key "ci", which may do what a viewer may`}
	tripped := Observation{Topic: "anomaly.brute_force.detected", Key: address, Sensor: Anomaly, SourceIP: "203.0.113.9", Summary: "brute_force: 203.0.113.9, 12 times"}
	asked := Observation{Topic: event.TopicActionChanged, Key: address, Remark: true, Summary: "playbook p did: block 203.0.113.9"}
	for name, c := range map[string]struct {
		of        []Observation
		happened  string
		got, done []string
		next      []string // begins of what to do, then of the commands
	}{
		"found": {
			[]Observation{leaked()}, "GITHUB_TOKEN found in chat #7 (observed).",
			[]string{"Whoever reads chat #7 has it"}, nil, []string{"Revoke it at github", "Close it", "", "cordon incident resolve 01a2"},
		},
		"withheld": {[]Observation{withheld}, "GITHUB_TOKEN found in gossip", []string{"Gateways withheld it"}, nil, []string{"Revoke it at github", "Close it"}},
		"sent and refused": {
			[]Observation{leaked(), used(), used()}, "This secret was found where it does not belong, and a program sent it somewhere, or wanted to.",
			[]string{"Whoever reads chat #7", "Nothing left by the egress gateway"}, []string{"Cordon refused to let it out 2 times, last to paste.example:80."},
			[]string{"Revoke it at github", "Find out what /usr/bin/curl does", "Close it"},
		},
		"sent, and only watched": {
			[]Observation{leaked(), used(), watched}, "This secret was found", []string{"It left this machine once, last for paste.example:80", "Whoever reads"},
			[]string{"Cordon refused to let it out once"}, []string{"Revoke it", "Find out what", "Close it"},
		},
		"tried on a decky": {
			[]Observation{leaked(), triedOnDecky()}, "This secret was found where it does not belong, and somebody tried it on a decky",
			[]string{"Whoever reads chat #7", "What was reached on a decky is a decoy"}, nil,
			[]string{"Revoke it", "Find out who 203.0.113.9 is", "Close it", "", "cordon attacker show 203.0.113.9"},
		},
		"an attacker's key": {
			[]Observation{touched, key}, "An address that touched a decky also used one of your API keys.",
			[]string{`203.0.113.9 used the API key "ci"`, "What was reached"}, nil,
			[]string{"Revoke the key", "Have your firewalls", "Find out who", "Close it", "cordon apikey list", "cordon decision add 203.0.113.9 --for 24h"},
		},
		"an attacker beyond deckies": {
			[]Observation{touched, tripped, asked}, "An address that is conspicuous", []string{"What was reached"},
			[]string{"playbook p did: block 203.0.113.9"}, []string{"Have your firewalls", "Find out who", "Close it"},
		},
		"nodes past the gateway": {
			[]Observation{{Key: Key{Link, "a b"}, Sensor: Leak, Place: "gate-1", Topic: "leak.gateway.gate-1.bypass"}}, "Two nodes that the gateway should keep apart",
			nil, nil, []string{"Give the nodes of each side", "Close it", "cordon bzzz status"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := briefOf(seen(c.of...))
			if !strings.HasPrefix(b.Happened, c.happened) {
				t.Errorf("happened: %s", b.Happened)
			}
			begins(t, "got", b.Got, c.got)
			begins(t, "done", b.Done, c.done)
			var words, commands []string
			for _, s := range b.Next {
				words, commands = append(words, s.Words), append(commands, s.Command)
			}
			begins(t, "next", words, c.next[:len(words)])
			begins(t, "commands", commands[:len(c.next)-len(words)], c.next[len(words):])
		})
	}
}

// briefOf is BriefOf with the advice of a rule.
func briefOf(i Incident, lines []Entry) Brief {
	return BriefOf(i, Digest{Lines: lines}, "Revoke it at github.")
}

func begins(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// What is over needs nothing more; what people did stays to be read, a few lines of it.
func TestABriefOfWhatIsClosed(t *testing.T) {
	i, lines := seen(leaked())
	for range 2 * mostDone {
		lines = append([]Entry{{Kind: Human, By: "ada", Words: "resolved: revoked", At: noon}}, lines...)
	}
	i.close(Resolved, "revoked", noon)
	b := briefOf(i, lines)
	if len(b.Next) != 0 || len(b.Done) != mostDone || b.Done[0] != "ada: resolved: revoked" {
		t.Errorf("%+v", b)
	}
}
