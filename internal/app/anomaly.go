package app

import (
	"context"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// startAnomaly registers the sensor that counts what other programs report. One node
// of a cluster runs it.
func (n *node) startAnomaly(context.Context) (stopFunc, error) {
	detectors, err := anomaly.Detectors(limitsOf(n.cfg.Anomaly))
	if err != nil || len(detectors) == 0 {
		return nil, err
	}
	wake, leave := n.wakes.listen()
	db := sqlstore.NewAnomalies(n.store)
	s, err := anomaly.New(anomaly.Deps{Log: db, Store: db, Node: n.name + "/anomaly", Detectors: detectors, Wake: wake, Logger: n.log})
	if err != nil {
		leave()
		return nil, err
	}
	n.counted = s.Usage
	return func(context.Context) error { leave(); return nil }, n.add("anomaly", n.leased("anomaly", s.Run, nil))
}

func limitsOf(c config.Anomaly) map[string]anomaly.Limits {
	all := map[string]anomaly.Limits{}
	for kind, l := range c.Limits() {
		limits := anomaly.Limits{IP: l.IP, User: l.User, Subnet: l.Subnet, Severity: l.Severity}
		if l.Window != nil {
			limits.Window = new(time.Duration(*l.Window) * time.Second)
		}
		all[kind] = limits
	}
	return all
}
