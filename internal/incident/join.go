package incident

import (
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// The joins: why observations of several kinds are one thing.
const (
	// PlantedSecretSeen: a secret that only a decky holds was seen elsewhere. Whoever has
	// it was on the decky.
	PlantedSecretSeen = "planted_secret_seen"
	// LeakedSecretInUse: a secret was found where it does not belong, and somebody sends
	// it to somewhere or tries it on a decky.
	LeakedSecretInUse = "leaked_secret_in_use"
	// AttackerUsedKey: an address that touched a decky used an API key of ours.
	AttackerUsedKey = "attacker_used_api_key"
	// AttackersHostWanted: a guarded program was kept from a host that an attacker named
	// on a decky. Attackers name what they like, github.com too: that alone is never
	// critical.
	AttackersHostWanted = "attackers_host_wanted"
	// AnomalousAttacker: an address that touched a decky also tripped the anomaly sensor.
	AnomalousAttacker = "anomalous_attacker"
)

// Within is how far apart two observations of a key may be that make a join: later, an
// address may be somebody else's.
const Within = 7 * 24 * time.Hour

// MaxWaiting is how many observations wait for another sensor's; the oldest go first.
const MaxWaiting = 500_000

// join is a rule that joins.
type join struct {
	name     string
	kind     string   // of the key
	sensors  []Sensor // that all must have seen it
	severity event.Severity
	title    string // what it is about follows
}

// joins are all rules, the strongest first: an incident is called by the strongest that
// holds. The rule of planted secrets has no sensors, because one is enough: Observation
// says that a secret is one.
func joins() []join {
	return []join{
		{PlantedSecretSeen, Secret, nil, event.Critical, "Planted secret seen"},
		{LeakedSecretInUse, Secret, []Sensor{Deception, Leak}, event.Critical, "Leaked secret in use"},
		{LeakedSecretInUse, Secret, []Sensor{Egress, Leak}, event.Critical, "Leaked secret in use"},
		{AttackerUsedKey, Address, []Sensor{Access, Deception}, event.Critical, "Attacker used an API key"},
		{AttackersHostWanted, Host, []Sensor{Deception, Egress}, event.High, "Program wants to reach an attacker's host"},
		{AnomalousAttacker, Address, []Sensor{Anomaly, Deception}, event.High, "Attacker found beyond deckies"},
	}
}

// Joins are the names of all joins, the strongest first.
func Joins() (names []string) {
	for _, j := range joins() {
		if !slices.Contains(names, j.name) {
			names = append(names, j.name)
		}
	}
	return names
}

// holds reports whether what these sensors saw of a key is joined by the rule.
func (j join) holds(kind string, sensors []Sensor) bool {
	return j.kind == kind && len(j.sensors) > 0 && !slices.ContainsFunc(j.sensors, func(s Sensor) bool { return !slices.Contains(sensors, s) })
}

// Complete reports whether what these sensors saw of a key is worth an incident.
func Complete(k Key, sensors []Sensor) bool {
	return k.Alone() || slices.ContainsFunc(joins(), func(j join) bool { return j.holds(k.Kind, sensors) })
}

// joinOf is the strongest join of an incident with a new observation; ok is false when
// there is none. What a decky says of a secret is said of those alone that the leak
// sensor knows, whether they have a finding of their own here or not, or that were
// planted.
func (i *Incident) joinOf(o Observation) (j join, ok bool) {
	sensors := i.Sensors
	if o.Key.Kind == Secret && o.Sensor == Deception && !o.Waits {
		sensors = append(slices.Clone(sensors), Leak)
	}
	for _, j := range joins() {
		if j.holds(i.Key.Kind, sensors) || j.name == PlantedSecretSeen && o.Planted != "" {
			return j, true
		}
	}
	return join{}, false
}

// rank orders joins, the strongest first; none is behind all.
func rank(name string) int {
	all := Joins()
	if at := slices.Index(all, name); at >= 0 {
		return at
	}
	return len(all)
}

// join makes an incident as severe as the strongest join says, and calls it so.
func (i *Incident) join(o Observation) {
	j, ok := i.joinOf(o)
	if !ok || rank(j.name) > rank(i.Join) {
		return
	}
	i.Join, i.Severity = j.name, max(i.Severity, j.severity)
	i.Title = j.title
	if about := i.about(o); about != "" {
		i.Title += ": " + about
	}
}

// Plant takes in that a decky holds the secret of part, which nobody knew when it was
// seen; part is i itself or was merged into it. Where people are done with it, nothing
// changes until it is seen again, nor where it was known.
func (i *Incident) Plant(part *Incident, place string, now time.Time) (c Change, ok bool) {
	if !i.State.Open() || part.alone().Join == PlantedSecretSeen {
		return Change{}, false
	}
	o := Observation{Key: part.Key, Planted: place}
	part.join(o)
	if part.Own != nil {
		part.Own.add(*part, o)
	}
	part.touch(now)
	if i != part {
		i.take(*part)
		i.touch(now)
	}
	i.SnoozedUntil = nil
	return Change{Kind: Updated, Words: "it is " + i.Severity.String() + " now: only a decky holds the secret, " + place}, true
}

// about is what a joined incident is about.
func (i *Incident) about(o Observation) string {
	switch {
	case i.Join == PlantedSecretSeen && o.Planted != "":
		return o.Planted
	case i.Key.Kind == Secret:
		return i.what()
	}
	return i.Key.Value
}
