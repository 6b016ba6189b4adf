package cli

import (
	"errors"
	"fmt"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/notify"
)

// checkWebhooks looks at the addresses of the configured webhooks, which the
// file alone does not tell where they are references. What cannot be resolved
// here, in another environment than the server's, is a warning.
func checkWebhooks(c *config.Config) (warnings []string, err error) {
	if c.Notify == nil {
		return nil, nil
	}
	var errs []error
	for i, w := range c.Notify.Webhooks {
		at := fmt.Sprintf("notify.webhooks[%d].url", i)
		url, err := w.URL.Resolve()
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%s was not looked at: %v", at, err))
			continue
		}
		period, _ := w.Period() // config has checked it
		if err := (notify.Manner{Digest: period, Quiet: w.Quiet, Zone: w.Timezone}).Check(); err != nil {
			errs = append(errs, fmt.Errorf("notify.webhooks[%d].%w", i, err))
		}
		if err := notify.CheckSteps(stepsOf(w)); err != nil {
			errs = append(errs, fmt.Errorf("notify.webhooks[%d].escalate: %w", i, err))
		}
		if err := notify.CheckURL(url.Reveal(), w.AllowPrivate); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", at, err))
		}
	}
	return warnings, errors.Join(errs...)
}

// stepsOf is a webhook's escalation, which config has read without error.
func stepsOf(w config.Webhook) (out []notify.Step) {
	all, _ := w.Steps()
	for _, s := range all {
		out = append(out, notify.Step{After: s.After, To: s.To})
	}
	return out
}
