package app

import (
	"context"

	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// startIncidents registers the reactor that makes incidents of events. One node of a
// cluster runs it.
func (n *node) startIncidents(context.Context) (stopFunc, error) {
	wake, leave := n.wakes.gather()
	r, err := incident.New(incident.Deps{Store: sqlstore.NewIncidents(n.store), Node: n.name + "/incident", Wake: wake, Log: n.log})
	if err != nil {
		leave()
		return nil, err
	}
	return func(context.Context) error { leave(); return nil }, n.add("incidents", n.leased("incidents", r.Run, nil))
}
