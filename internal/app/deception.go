package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/host"
	"go.cordon.dev/cordon/internal/deception/planted"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// personaPurpose is what the seed of everything that is invented for deckies is
// derived for.
const personaPurpose = "deception personas"

// machinesName is the folder, in the data directory, of what attackers changed on
// deckies; machinesMost how much all of them may be.
const (
	machinesName = "machines"
	machinesMost = 2 << 30
)

// deceptionSensor is the deckies of a node.
type deceptionSensor struct {
	hosts  *host.Hosts
	vault  *host.Files
	fleet  *deception.Fleet
	keeper *deception.Keeper
}

// startDeception opens the deckies and registers their workers. Without the
// section there are none, and a section that comes or goes needs a restart.
func (n *node) startDeception(context.Context) (stopFunc, error) {
	cfg := n.cfg.Deception
	if cfg == nil {
		return nil, nil
	}
	d := &deceptionSensor{}
	if err := d.openHosts(n); err != nil {
		return nil, err
	}
	fleet, err := n.newFleet(*cfg, d.hosts)
	if err != nil {
		return nil, err
	}
	wake, leave := n.wakes.listen()
	keeper, err := deception.NewKeeper(deception.KeeperDeps{
		Fleet: fleet, Store: sqlstore.NewDeckies(n.store), Node: n.name, Configured: deckySpecs(cfg.Deckies), Mutate: cfg.MutateEvery(), Wake: wake, Log: n.log,
	})
	if err != nil {
		leave()
		return nil, fmt.Errorf("deception.deckies: %w", err)
	}
	d.fleet, d.keeper = fleet, keeper
	n.deception = d
	stop := func(context.Context) error { leave(); return nil }
	return stop, errors.Join(n.add("deckies", fleet.Run), n.add("deckies-record", keeper.Run), n.add("deckies-machines", d.hosts.Run), n.registerPlanted(fleet))
}

// registerPlanted has it remembered which secrets deckies hold, so that one that is seen
// elsewhere is known.
func (n *node) registerPlanted(fleet *deception.Fleet) error {
	scanner, err := n.rules.Scanner(context.Background())
	if err != nil {
		return fmt.Errorf("looking for secrets that deckies hold: %w", err)
	}
	r, err := planted.New(planted.Deps{
		Fleet: fleet, Store: sqlstore.NewPlanted(n.store), Scanner: scanner, Fingerprint: n.keys.Ring.Fingerprint, Node: n.name, Log: n.log,
	})
	if err != nil {
		return err
	}
	return n.add("deckies-planted", r.Run)
}

// openHosts makes the insides of deckies, and finds what attackers left there.
func (d *deceptionSensor) openHosts(n *node) (err error) {
	if d.vault, err = host.OpenFiles(filepath.Join(n.cfg.Data.Dir, machinesName), n.evidence.sealer, machinesMost); err != nil {
		return err
	}
	d.hosts, err = host.New(host.Deps{Vault: d.vault, Full: func() bool { return n.roomLeft() > capture.Plenty }, Log: n.log})
	return err
}

func (n *node) newFleet(cfg config.Deception, h *host.Hosts) (*deception.Fleet, error) {
	seed, older := n.keys.Ring.Derive(personaPurpose)
	if len(older) > 0 { // a new installation key makes no new hosts
		seed = older[len(older)-1]
	}
	d := deception.Deps{
		Kinds: serviceKinds(h), Sink: n.evidence.recorder, Log: n.log,
		Limits: deception.Limits{Clients: cfg.Limits.Clients, PerHost: cfg.Limits.PerHost, Stay: time.Duration(cfg.Limits.Stay) * time.Hour},
	}
	copy(d.Seed[:], seed.Reveal())
	return deception.New(d)
}

// deckySpecs are the deckies that the configuration wants.
func deckySpecs(all []config.Decky) []deception.Spec {
	out := make([]deception.Spec, len(all))
	for i, d := range all {
		out[i] = deception.Spec{
			Name: d.Name, Archetype: d.Archetype, Hostname: d.Hostname, Domain: d.Domain, Address: d.Address,
			Services: serviceSpecs(d.Services), Rotate: serviceSpecs(d.Rotate), MutateEvery: d.MutateEvery(),
		}
	}
	return out
}

func serviceSpecs(all []config.DeckyService) (out []deception.ServiceSpec) {
	for _, s := range all {
		out = append(out, deception.ServiceSpec{Kind: s.Kind, Port: uint16(s.Port), Config: service.Config(s.Config)})
	}
	return out
}

// announceDeckies tells where deckies listen.
func (n *node) announceDeckies() {
	if n.deception == nil {
		return
	}
	for _, d := range n.deception.fleet.Deckies() {
		for _, s := range d.Services {
			at := net.JoinHostPort(d.Address, strconv.Itoa(int(s.Port)))
			if !s.Listening {
				at += " NOT OPEN: " + s.Detail
			}
			say(n.out, "  decky      %s: %s at %s", d.Name, s.Kind, at)
		}
	}
}

// deceptionFace is what the API shows of deckies. Where the sensor is off, those
// of other nodes.
func (n *node) deceptionFace() *api.Deception {
	attackers := sqlstore.NewAttackers(n.store)
	face := &api.Deception{
		Deckies: sqlstore.NewDeckies(n.store), Evidence: n.evidence.rows, Caught: n.evidence.rows, Reveal: n.evidence.rows,
		Attackers: attackers, Trails: attackers, Node: n.name,
	}
	if n.deception != nil {
		face.Check = n.deception.fleet.Check
	}
	return face
}
