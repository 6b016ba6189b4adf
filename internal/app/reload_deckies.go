package app

import (
	"fmt"

	"go.cordon.dev/cordon/internal/config"
)

// checkDeckies says what is wrong with the deckies of a new configuration.
func (n *node) checkDeckies(d *config.Deception) error {
	if n.deception == nil || d == nil {
		return nil
	}
	if err := n.deception.fleet.Check(deckySpecs(d.Deckies)); err != nil {
		return fmt.Errorf("deception.deckies: %w", err)
	}
	return nil
}

// applyDeckies has the keeper make the fleet what was checked. Deckies that
// stayed as they were keep their clients.
func (n *node) applyDeckies(d *config.Deception) error {
	if n.deception == nil || d == nil {
		return nil
	}
	if err := n.deception.keeper.Configure(deckySpecs(d.Deckies), d.MutateEvery()); err != nil {
		return fmt.Errorf("deception.deckies: %w", err)
	}
	return nil
}
