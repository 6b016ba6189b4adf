package api

import "time"

// Attacker is who came from one source address.
type Attacker struct {
	ID         string    `json:"id" format:"uuid" doc:"Follows from the address."`
	Address    string    `json:"address" example:"203.0.113.9" doc:"Where the attacker came from."`
	FirstSeen  time.Time `json:"first_seen" doc:"When the attacker came first."`
	LastSeen   time.Time `json:"last_seen" doc:"When the attacker did something last."`
	Days       int       `json:"days" doc:"On how many days the attacker came."`
	Sessions   int       `json:"sessions" doc:"Connections."`
	Deckies    int       `json:"deckies" doc:"Deckies that the attacker touched."`
	Services   int       `json:"services" doc:"Kinds of services that the attacker touched."`
	Interacted int       `json:"interacted" doc:"Kinds of services that the attacker used, where a scanner only looks."`
	Logins     int       `json:"logins" doc:"How often the attacker was let in."`
	Leaked     int       `json:"leaked" doc:"How often the attacker tried a secret that the leak sensor knows."`
	Score      int       `json:"score" minimum:"0" maximum:"100" doc:"How grave the attacker is; the detail says why."`
}

// AttackerDetail is an attacker with all that is known at a glance.
type AttackerDetail struct {
	Attacker
	Terms          []ScoreTerm       `json:"terms" nullable:"false" doc:"Why the score is what it is, the gravest first. Together they are the score, except that it is never more than 100."`
	Scanned        []AttackerService `json:"scanned" nullable:"false" doc:"Services that the attacker only looked at."`
	InteractedWith []AttackerService `json:"interacted_with" nullable:"false" doc:"Services that the attacker used."`
	IPLeaks        []IPLeak          `json:"ip_leaks" nullable:"false" doc:"Addresses that the attacker's own requests named as theirs, at most 10: often a proxy gives away who is behind it."`
	IPLeaksTotal   int               `json:"ip_leaks_total" doc:"How many there are."`
	Rotation       bool              `json:"rotation" doc:"So many that they are a list somebody works through; they give nobody away."`
}

// ScoreTerm is one reason for points.
type ScoreTerm struct {
	Term   string `json:"term" example:"logged_in" doc:"A stable word."`
	Points int    `json:"points" doc:"What it is worth."`
	Why    string `json:"why" example:"was let in 2 times" doc:"In a sentence."`
}

// AttackerService is a kind of service that an attacker touched.
type AttackerService struct {
	Service      string    `json:"service" example:"ssh" doc:"The protocol."`
	FirstSeen    time.Time `json:"first_seen" doc:"When first."`
	LastSeen     time.Time `json:"last_seen" doc:"When last."`
	Events       int       `json:"events" doc:"Things that the attacker did there."`
	Interactions int       `json:"interactions" doc:"Of these, those that use the service."`
}

// IPLeak is an address that a request named as the client's, where another was
// connected.
type IPLeak struct {
	Address   string    `json:"address" example:"198.51.100.4" doc:"The address."`
	Header    string    `json:"header" example:"X-Forwarded-For" doc:"The header that named it first."`
	Decky     string    `json:"decky" doc:"Of the first request."`
	Session   string    `json:"session" format:"uuid" doc:"Of the first request."`
	FirstSeen time.Time `json:"first_seen" doc:"When first."`
	LastSeen  time.Time `json:"last_seen" doc:"When last."`
	Times     int       `json:"times" doc:"How often."`
}

// AttackerPage is a page of attackers.
type AttackerPage struct {
	Items      []Attacker `json:"items" nullable:"false" doc:"In the order that was asked for."`
	NextCursor *string    `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

// Traversal is an attacker's way from decky to decky.
type Traversal struct {
	Hops      []Hop         `json:"hops" nullable:"false" doc:"In the order of the way."`
	Mutations []WayMutation `json:"mutations" nullable:"false" doc:"Of deckies on the way while the attacker was on it, in the order of time: what was known of such a decky is void from then on."`
}

// WayMutation is a decky's becoming another host of its kind.
type WayMutation struct {
	Decky       string    `json:"decky" doc:"The decky's name."`
	At          time.Time `json:"at" doc:"When it became so."`
	Trigger     string    `json:"trigger" enum:"operator,scheduled" doc:"Why."`
	OldServices []string  `json:"old_services" nullable:"false" doc:"kind:port of each, before."`
	NewServices []string  `json:"new_services" nullable:"false" doc:"kind:port of each, afterwards."`
}

// Hop is a stay on one decky.
type Hop struct {
	Decky     string     `json:"decky" doc:"The decky's name."`
	Services  []string   `json:"services" nullable:"false" doc:"In the order in which the attacker came to them."`
	Sessions  []string   `json:"sessions" nullable:"false" doc:"Ids of the connections."`
	EnteredAt time.Time  `json:"entered_at" doc:"When the attacker came."`
	LeftAt    *time.Time `json:"left_at" doc:"When the attacker left; null while still here."`
}

// Reuse is one secret in the clear that was tried in several places, or by several
// addresses.
type Reuse struct {
	ID          string    `json:"id" format:"uuid" doc:"UUIDv7."`
	Fingerprint string    `json:"fingerprint" doc:"Keyed: the same wherever Cordon sees the secret."`
	Kind        string    `json:"kind" example:"plaintext" doc:"Of the credential."`
	Targets     int       `json:"targets" doc:"Services of deckies where it was tried."`
	Addresses   int       `json:"addresses" doc:"Addresses that tried it."`
	Leaked      bool      `json:"leaked" doc:"The leak sensor knows the secret: it is one of yours."`
	FirstSeen   time.Time `json:"first_seen" doc:"The first attempt."`
	LastSeen    time.Time `json:"last_seen" doc:"The newest attempt."`
}

// ReuseDetail is a reuse with its places.
type ReuseDetail struct {
	Reuse
	Places []ReuseTarget `json:"places" nullable:"false" doc:"At most 200, oldest first."`
	From   []string      `json:"from" nullable:"false" doc:"Addresses, at most 200, oldest first."`
}

// ReuseTarget is a service of a decky.
type ReuseTarget struct {
	Decky   string `json:"decky" doc:"The decky's name."`
	Service string `json:"service" example:"ssh" doc:"The protocol."`
}

// ReusePage is a page of reuses.
type ReusePage struct {
	Items      []Reuse `json:"items" nullable:"false" doc:"The last tried first."`
	NextCursor *string `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}
