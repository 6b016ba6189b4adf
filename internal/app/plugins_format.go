package app

import (
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/cef"
	"go.cordon.dev/cordon/internal/notify/format/discord"
	"go.cordon.dev/cordon/internal/notify/format/email"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/format/pagerduty"
	"go.cordon.dev/cordon/internal/notify/format/slack"
	"go.cordon.dev/cordon/internal/notify/format/syslog"
	"go.cordon.dev/cordon/internal/notify/format/teams"
	"go.cordon.dev/cordon/internal/notify/format/template"
)

// formats lists the formats of webhooks.
func formats() []notify.Format {
	return []notify.Format{
		generic.Format{},
		slack.Format{},
		discord.Format{},
		teams.Format{},
		pagerduty.Format{},
		email.New(nil),
		syslog.New(nil),
		cef.New(nil),
		template.New(),
	}
}
