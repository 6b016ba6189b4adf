package app

import (
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/config"
)

// Configuration implements api.Configured: what is in force, which a reload may
// have changed since the start.
func (n *node) Configuration() (api.Configuration, error) {
	r := &n.reloader
	r.mu.Lock()
	c := r.now
	r.mu.Unlock()
	if c == nil {
		c = n.given
	}
	text, err := c.Print()
	if err != nil {
		return api.Configuration{}, err
	}
	return api.Configuration{
		File: r.file, YAML: string(text), Live: liveKeys(), Warnings: c.Warnings, Retention: retentionDays(c.Store.Retention),
		Limits: api.Limits{RequestsPerSecond: perSecond(c.API.RateLimit), RequestBurst: c.API.RateLimit.Most()},
	}, nil
}

func retentionDays(r config.Retention) api.Retention {
	return api.Retention{
		Events:     days(r.Events, config.DefaultEventDays),
		Findings:   days(r.Findings, config.DefaultFindingDays),
		Quarantine: days(r.Quarantine, config.DefaultQuarantineDays),
		Deliveries: days(r.Deliveries, config.DefaultDeliveryDays),
	}
}

func days(given *int, otherwise int) int {
	if given != nil {
		return *given
	}
	return otherwise
}

func perSecond(r config.RateLimit) int {
	if r.PerSecond == 0 {
		return config.DefaultPerSecond
	}
	return r.PerSecond
}

// configures is what the API shows of the configuration; nothing where no
// server runs.
func (n *node) configures() api.Configured {
	if n.workers == nil {
		return nil
	}
	return n
}
