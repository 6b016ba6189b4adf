package sqlstore

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/attacker"
)

type attackerRow struct {
	bun.BaseModel `bun:"table:attackers"`

	ID         string    `bun:"id,pk"`
	Address    string    `bun:"address"`
	FirstSeen  time.Time `bun:"first_seen"`
	LastSeen   time.Time `bun:"last_seen"`
	LastDay    string    `bun:"last_day"`
	Days       int       `bun:"days"`
	Sessions   int       `bun:"sessions"`
	Deckies    int       `bun:"deckies"`
	Services   int       `bun:"services"`
	Interacted int       `bun:"interacted"`
	Logins     int       `bun:"logins"`
	Leaked     int       `bun:"leaked"`
	Claims     int       `bun:"claims"`
	Acts       string    `bun:"acts"` // a JSON object
	Score      int       `bun:"score"`
}

func newAttackerRow(a attacker.Attacker) (attackerRow, error) {
	acts, err := json.Marshal(a.Acts)
	if err != nil {
		return attackerRow{}, fmt.Errorf("encoding what attacker %s did: %w", a.ID, err)
	}
	return attackerRow{
		ID: a.ID, Address: keyText(a.Address.String()), FirstSeen: stamp(a.FirstSeen), LastSeen: stamp(a.LastSeen), LastDay: a.LastDay, Days: a.Days,
		Sessions: a.Sessions, Deckies: a.Deckies, Services: a.Services, Interacted: a.Interacted, Logins: a.Logins, Leaked: a.Leaked,
		Claims: a.Claims, Acts: text(string(acts)), Score: a.Score,
	}, nil
}

func (r attackerRow) value() (attacker.Attacker, error) {
	address, err := netip.ParseAddr(r.Address)
	if err != nil {
		return attacker.Attacker{}, fmt.Errorf("attacker %s has no address", r.ID)
	}
	a := attacker.Attacker{
		ID: r.ID, Address: address, FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(), LastDay: r.LastDay, Days: r.Days, Sessions: r.Sessions,
		Deckies: r.Deckies, Services: r.Services, Interacted: r.Interacted, Logins: r.Logins, Leaked: r.Leaked, Claims: r.Claims, Score: r.Score,
	}
	if err := json.Unmarshal([]byte(r.Acts), &a.Acts); err != nil {
		return attacker.Attacker{}, fmt.Errorf("decoding what attacker %s did: %w", r.ID, err)
	}
	return a, nil
}

// attackerPlaceRow is what an attacker did on a service of a decky; Decky or
// Service is empty in the rows for all of them.
type attackerPlaceRow struct {
	bun.BaseModel `bun:"table:attacker_places"`

	ID           string    `bun:"id,pk"`
	AttackerID   string    `bun:"attacker_id"`
	Decky        string    `bun:"decky"`
	Service      string    `bun:"service"`
	FirstSeen    time.Time `bun:"first_seen"`
	LastSeen     time.Time `bun:"last_seen"`
	Events       int64     `bun:"events"`
	Interactions int64     `bun:"interactions"`
}

func (r attackerPlaceRow) value() attacker.Place {
	return attacker.Place{
		Decky: r.Decky, Service: r.Service, FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(), Events: int(r.Events), Interactions: int(r.Interactions),
	}
}

type attackerLeakRow struct {
	bun.BaseModel `bun:"table:attacker_leaks"`

	ID         string    `bun:"id,pk"`
	AttackerID string    `bun:"attacker_id"`
	ClaimedIP  string    `bun:"claimed_ip"`
	Header     string    `bun:"header"`
	Decky      string    `bun:"decky"`
	SessionID  string    `bun:"session_id"`
	LogID      string    `bun:"log_id"`
	FirstSeen  time.Time `bun:"first_seen"`
	LastSeen   time.Time `bun:"last_seen"`
	Times      int64     `bun:"times"`
}

func (r attackerLeakRow) value() attacker.Leak {
	return attacker.Leak{
		Address: r.ClaimedIP, Header: r.Header, Decky: r.Decky, Session: r.SessionID, LogID: r.LogID, FirstSeen: r.FirstSeen.UTC(),
		LastSeen: r.LastSeen.UTC(), Times: int(r.Times),
	}
}

// secretPlaceRow is a service of a decky on which a secret was tried, or an address
// that tried it: then Decky and Service are empty.
type secretPlaceRow struct {
	bun.BaseModel `bun:"table:secret_places"`

	Key         string    `bun:"place_key,pk"`
	Fingerprint string    `bun:"fingerprint"`
	Decky       string    `bun:"decky"`
	Service     string    `bun:"service"`
	AttackerIP  string    `bun:"attacker_ip"`
	FirstSeen   time.Time `bun:"first_seen"`
}

type reuseRow struct {
	bun.BaseModel `bun:"table:credential_reuse"`

	ID          string    `bun:"id,pk"`
	Fingerprint string    `bun:"fingerprint"`
	Kind        string    `bun:"kind"`
	Targets     int       `bun:"targets"`
	Addresses   int       `bun:"addresses"`
	Leaked      bool      `bun:"leaked"`
	FirstSeen   time.Time `bun:"first_seen"`
	LastSeen    time.Time `bun:"last_seen"`
}

func (r reuseRow) value() attacker.Reuse {
	return attacker.Reuse{
		ID: r.ID, Fingerprint: r.Fingerprint, Kind: r.Kind, Targets: r.Targets, Addresses: r.Addresses, Leaked: r.Leaked,
		FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(),
	}
}
