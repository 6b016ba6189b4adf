package sqlstore_test

import (
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/sqlstore"
)

var (
	_ api.QuarantineStore = (*sqlstore.API)(nil)
	_ api.FindingStore    = (*sqlstore.API)(nil)
	_ api.MetricsStore    = (*sqlstore.API)(nil)
	_ api.EventStore      = (*sqlstore.API)(nil)
)
