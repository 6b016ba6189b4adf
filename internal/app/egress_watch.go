package app

import "go.cordon.dev/cordon/internal/egress/watch"

// watcher tells of what the section alerts of the policy in force asks for.
func (e *egressSensor) watcher() *watch.Watcher {
	return watch.New(watch.Options{Source: e.log.Node + "/egress", Settings: func() watch.Settings {
		return watch.Settings(e.policies.Policy().Settings().Alerts)
	}})
}
