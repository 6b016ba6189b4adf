package app

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// startAnomaly registers the sensor that counts what other programs report. One node
// of a cluster runs it.
func (n *node) startAnomaly(context.Context) (stopFunc, error) {
	detectors, err := anomaly.Detectors(limitsOf(n.cfg.Anomaly))
	if err != nil {
		return nil, err
	}
	if n.anomalyRules, err = readAnomalyRules(n.cfg.Anomaly.Rules); err != nil || len(detectors)+len(n.anomalyRules.all) == 0 {
		return nil, err
	}
	wake, leave := n.wakes.gather()
	db := sqlstore.NewAnomalies(n.store)
	s, err := anomaly.New(anomaly.Deps{Log: db, Store: db, Node: n.name + "/anomaly", Detectors: detectors, Rules: n.anomalyRules.all, Wake: wake, Logger: n.log})
	if err != nil {
		leave()
		return nil, err
	}
	n.counted, n.anomalies = s.Usage, s
	return func(context.Context) error { leave(); return nil }, n.add("anomaly", n.leased("anomaly", s.Run, nil))
}

// readAnomalyRules reads operators' rules of some files; an id may be taken once in all.
func readAnomalyRules(files []string) (documents[*rule.Rule], error) {
	taken, count := anomaly.Kinds(), 0
	return readDocuments("anomaly rules", files, rule.MaxDocument, func(_ string, text []byte) ([]*rule.Rule, error) {
		some, err := rule.Parse(text, taken)
		for _, r := range some {
			taken = append(taken, r.ID)
		}
		if count += len(some); err == nil && count > rule.MaxRules {
			err = fmt.Errorf("with those of the files before, there are %d rules; %d is the most", count, rule.MaxRules)
		}
		return some, err
	})
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
