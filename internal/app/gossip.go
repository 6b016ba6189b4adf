package app

import (
	"context"

	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// startGossip registers the worker that notices when a gossip gateway falls silent. One
// node of a cluster runs it.
func (n *node) startGossip(context.Context) (stopFunc, error) {
	w, err := gossip.NewWatch(gossip.WatchDeps{Store: sqlstore.NewGossip(n.store), Node: n.name + "/gossip", Log: n.log})
	if err != nil {
		return nil, err
	}
	return nil, n.add("gossip", n.leased("gossip", w.Run, nil))
}
