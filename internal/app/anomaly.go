package app

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// startAnomaly registers the sensor that counts what other programs report, and the book
// of operators' rules. One node of a cluster counts; every node has the book.
func (n *node) startAnomaly(ctx context.Context) (stopFunc, error) {
	detectors, err := anomaly.Detectors(limitsOf(n.cfg.Anomaly))
	if err != nil {
		return nil, err
	}
	wake, leave := n.wakes.gather()
	db := sqlstore.NewAnomalies(n.store)
	s, err := anomaly.New(anomaly.Deps{Log: db, Store: db, Node: n.name + "/anomaly", Detectors: detectors, Wake: wake, Logger: n.log})
	if err == nil {
		err = n.startRulebook(ctx, s)
	}
	if err != nil {
		leave()
		return nil, err
	}
	n.counted = s.Usage
	return func(context.Context) error { leave(); return nil }, n.add("anomaly", n.leased("anomaly", s.Run, nil))
}

// startRulebook puts operators' anomaly rules in force and follows what other nodes change.
func (n *node) startRulebook(ctx context.Context, s *anomaly.Sensor) (err error) {
	if n.rulebook, err = n.newRulebook(s.SetRules); err != nil {
		return err
	}
	if err := n.rulebook.Start(ctx); err != nil {
		return err
	}
	return n.add("anomaly-rules", n.rulebook.Run)
}

// openRulebook has the rules at hand for a command, which runs none.
func (n *node) openRulebook(context.Context) (_ stopFunc, err error) {
	n.rulebook, err = n.newRulebook(nil)
	return nil, err
}

func (n *node) newRulebook(use func([]*rule.Rule) error) (*rulebook.Manager, error) {
	db := sqlstore.NewRulebook(n.store)
	return rulebook.New(rulebook.Deps{
		Store: db, Past: db, Node: n.name + "/anomaly", Use: use, Clean: n.words(), Log: n.log, Wake: n.wakesOf("rule.*.changed"),
		Files: func() (_ []rulebook.Filed, err error) {
			n.anomalyRules, err = readAnomalyRules(n.cfg.Anomaly.Rules)
			return n.anomalyRules.all, err
		},
	})
}

// readAnomalyRules reads operators' rules of some files. An id may be taken once in all,
// and all share what there is of places and time.
func readAnomalyRules(files []string) (documents[rulebook.Filed], error) {
	taken, count := anomaly.Kinds(), 0
	var budget rule.Budget
	return readDocuments("anomaly rules", files, rule.MaxDocument, func(file string, text []byte) (filed []rulebook.Filed, err error) {
		some, err := rule.Parse(text, taken)
		for _, r := range some {
			taken, filed = append(taken, r.ID), append(filed, rulebook.Filed{Rule: r, File: file})
			if err == nil {
				err = budget.Take(r)
			}
		}
		if count += len(some); err == nil && count > rule.MaxRules {
			err = fmt.Errorf("with those of the files before, there are %d rules; %d is the most", count, rule.MaxRules)
		}
		return filed, err
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
