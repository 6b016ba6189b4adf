package app

import (
	"context"
	"fmt"
	"slices"

	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

// The keys that name files of operators' rules and of playbooks. Their files are read
// again with every reload: what they hold changes more often than their names.
const (
	keyAnomalyRules = "anomaly.rules"
	keyPlaybooks    = "respond.playbooks"
)

// documentChange is what the files hold now.
type documentChange struct {
	rules     documents[rulebook.Filed]
	playbooks documents[*playbook.Playbook]
}

// changeOfDocuments reads the files that a configuration names.
func (n *node) changeOfDocuments(will *config.Config) (c documentChange, err error) {
	if c.rules, err = readAnomalyRules(will.Anomaly.Rules); err != nil {
		n.rulebook.Refuse(err.Error())
		return c, err
	}
	n.rulebook.Refuse("")
	c.playbooks, err = readPlaybooks(will.Respond.Playbooks)
	return c, err
}

// describeDocuments says which of the files hold something else.
func (n *node) describeDocuments(c *change) {
	if c.documents.playbooks.sum != n.playbooks.sum {
		c.result.Changed = append(c.result.Changed, keyPlaybooks)
	}
	if c.documents.rules.sum != n.anomalyRules.sum {
		c.result.Changed = append(c.result.Changed, keyAnomalyRules)
	}
}

// applyDocuments puts what the files hold into force.
func (n *node) applyDocuments(ctx context.Context, c documentChange) error {
	if c.playbooks.sum != n.playbooks.sum {
		n.playbooks = c.playbooks
		n.answers.SetPlaybooks(c.playbooks.all)
		n.reactor.SetPlaybooks(c.playbooks.all)
	}
	if c.rules.sum == n.anomalyRules.sum {
		return nil
	}
	if err := n.rulebook.SetFiles(ctx, c.rules.all); err != nil {
		return fmt.Errorf("changing anomaly rules: %w", err)
	}
	n.anomalyRules = c.rules
	return nil
}

// documentFiles are those that the configuration in force names.
func (n *node) documentFiles() []string {
	n.reloader.mu.Lock()
	defer n.reloader.mu.Unlock()
	return slices.Concat(n.reloader.now.Anomaly.Rules, n.reloader.now.Respond.Playbooks)
}
