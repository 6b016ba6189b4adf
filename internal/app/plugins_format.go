package app

import (
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/format/slack"
)

// formats lists the formats of webhooks.
func formats() []notify.Format {
	return []notify.Format{
		generic.Format{},
		slack.Format{},
	}
}
