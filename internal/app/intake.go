package app

import (
	"context"
	"path/filepath"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/ingest"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// spoolName is the folder, in the data directory, of events that wait for the
// store.
const spoolName = "spool"

// startIntake lets other processes send events, and registers the worker that
// stores what had to wait.
func (n *node) startIntake(context.Context) (stopFunc, error) {
	intake, err := ingest.Open(ingest.Deps{
		Log: sqlstore.NewIngest(n.store), Redact: n.words(), Dir: filepath.Join(n.cfg.Data.Dir, spoolName), Node: n.name + "/ingest", Logger: n.log,
	})
	if err != nil {
		return nil, err
	}
	n.intake, n.records = intake, logRecorder{intake, n.log}
	if err := n.add("ingest", intake.Run); err != nil {
		return nil, err
	}
	return func(context.Context) error { intake.Close(); return nil }, nil
}

// takes is the intake as the API wants it: nil, not a nil pointer, when this
// process has none.
func (n *node) takes() api.Intake {
	if n.intake == nil {
		return nil
	}
	return n.intake
}
