package sqlstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/event"
)

type deckyRow struct {
	bun.BaseModel `bun:"table:fleet_deckies"`

	ID        string    `bun:"id,pk"`
	Identity  string    `bun:"identity"`
	Node      string    `bun:"node"`
	Name      string    `bun:"name"`
	Archetype string    `bun:"archetype"`
	Hostname  string    `bun:"hostname"`
	Distro    string    `bun:"distro"`
	Address   string    `bun:"address"`
	State     string    `bun:"state"`
	Detail    string    `bun:"detail"`
	Services  string    `bun:"services"` // JSON
	Spec      *string   `bun:"spec"`     // JSON of what somebody added
	AddedBy   string    `bun:"added_by"`
	Since     time.Time `bun:"since"`
	HeardAt   time.Time `bun:"heard_at"`
}

func deckyIdentity(node, name string) string { return identity(node, name) }

// tell takes over how a decky fares.
func (r *deckyRow) tell(s deception.Status, now time.Time) error {
	services, err := json.Marshal(s.Services)
	if err != nil {
		return fmt.Errorf("services of decky %q: %w", s.Name, err)
	}
	since := s.Since
	if since.IsZero() {
		since = now
	}
	r.Archetype, r.Hostname, r.Distro, r.Address = keyText(s.Archetype), text(s.Hostname), text(s.Distro), keyText(s.Address)
	r.State, r.Detail, r.Services, r.Since, r.HeardAt = string(s.State), text(s.Detail), string(services), stamp(since), stamp(now)
	return nil
}

func (r deckyRow) value() (deception.Row, error) {
	out := deception.Row{
		Status: deception.Status{
			Name: r.Name, Archetype: r.Archetype, Hostname: r.Hostname, Distro: r.Distro, Address: r.Address,
			State: deception.State(r.State), Detail: r.Detail, Since: r.Since.UTC(),
		},
		ID: r.ID, Node: r.Node, Configured: r.Spec == nil, AddedBy: r.AddedBy, HeardAt: r.HeardAt.UTC(),
	}
	if err := json.Unmarshal([]byte(r.Services), &out.Services); err != nil {
		return out, fmt.Errorf("services of decky %q: %w", r.Name, err)
	}
	return out, nil
}

// ports are the decky's services as events name them: kind:port.
func (r deckyRow) ports() ([]string, error) {
	var all []deception.ServiceStatus
	if err := json.Unmarshal([]byte(r.Services), &all); err != nil {
		return nil, fmt.Errorf("services of decky %q: %w", r.Name, err)
	}
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s.Kind + ":" + strconv.Itoa(int(s.Port))
	}
	return out, nil
}

func (r deckyRow) event(source string, now time.Time) (event.Event, error) {
	v, err := r.value()
	if err != nil {
		return event.Event{}, err
	}
	ports, err := r.ports()
	if err != nil {
		return event.Event{}, err
	}
	p := event.DeckyStateChanged{
		DeckyID: r.Name, Node: r.Node, Archetype: r.Archetype, Hostname: r.Hostname, Address: r.Address,
		State: r.State, Detail: r.Detail, OccurredAt: v.Since, Services: ports,
	}
	severity := event.Info
	if v.State == deception.Degraded || v.State == deception.Failed {
		severity = event.Medium
	}
	return event.New(event.Header{Time: now, Source: source, Severity: severity, Subject: r.Name}, p)
}
