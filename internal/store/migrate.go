package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

// migration is one step of the schema's history. A step that was released is
// never edited; a change is a new step.
type migration struct {
	name       string
	statements []string
}

// migrations lists the steps; a step's version is its place, from 1. Every
// statement is safe to run again: a node may die between two of them, and
// databases other than SQLite and PostgreSQL do not roll back DDL.
func migrations() []migration {
	return []migration{
		{"platform", platformSchema()},
		{"leak", leakSchema()},
		{"audit and access", accessSchema()},
		{"notify", notifySchema()},
		{"audit checkpoints", auditSchema()},
		{"sessions and scopes", loginSchema()},
		{"delivery log", letterSchema()},
		{"rules", rulesSchema()},
		{"quarantine by fingerprint", fingerprintSchema()},
		{"egress", egressSchema()},
		{"egress watch", watchSchema()},
		{"incidents", incidentSchema()},
		{"fleet of deckies", fleetSchema()},
		{"deception", deceptionSchema()},
		{"anomalies", anomalySchema()},
		{"incident joins", joinSchema()},
		{"silences", silenceSchema()},
		{"manner of webhooks", mannerSchema()},
		{"block list", blockSchema()},
		{"actions of playbooks", actionSchema()},
		{"snoozed incidents", snoozeSchema()},
		{"gossip", gossipSchema()},
		{"fewer indexes of deckies' logs", logIndexSchema()},
		{"escalations", escalationSchema()},
		{"generations of deckies", generationSchema()},
		{"anomaly rules", rulebookSchema()},
		{"incidents by rank", rankSchema()},
		{"lines that timelines left out", omittedSchema()},
		{"how incidents were merged", mergerSchema()},
		{"long events are packed", packSchema()},
		{"acts that can be taken back", deedSchema()},
	}
}

// migrate brings the schema up to date, as the only node that does.
func (s *Store) migrate(ctx context.Context) error {
	db, err := s.place.connect(migrator)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if s.dialect.lockSchema == "" {
		return migrate(ctx, db.DB, s.dialect)
	}
	return alone(ctx, db.DB, s.dialect, func() error { return migrate(ctx, db.DB, s.dialect) })
}

// alone runs do while a connection holds the schema's lock.
func alone(ctx context.Context, db *sql.DB, d dialect, do func() error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := wantOne(ctx, conn, d.lockSchema); err != nil {
		return fmt.Errorf("waiting for another node's migration: %w", err)
	}
	return errors.Join(do(), wantOne(context.WithoutCancel(ctx), conn, d.unlockSchema))
}

func wantOne(ctx context.Context, conn *sql.Conn, query string) error {
	var n sql.NullInt64
	if err := conn.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return err
	}
	if n.Int64 != 1 {
		return errors.New("the schema's lock was not given: try again")
	}
	return nil
}

// migrate refuses a database that a newer version has written: this one would
// misread its rows.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	provider, err := goose.NewProvider(d.goose, db, nil,
		goose.WithTableName("schema_versions"),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
		goose.WithGoMigrations(steps(d)...))
	if err != nil {
		return fmt.Errorf("preparing migrations: %w", err)
	}
	have, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if newest := int64(len(migrations())); have > newest {
		return fmt.Errorf("its schema is version %d, this version of Cordon knows %d: run a newer Cordon, or restore a backup made before the upgrade", have, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return nil
}

func steps(d dialect) []*goose.Migration {
	var all []*goose.Migration
	for i, m := range migrations() {
		up := &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			return m.run(ctx, tx, d)
		}}
		all = append(all, goose.NewGoMigration(int64(i+1), up, nil))
	}
	return all
}

func (m migration) run(ctx context.Context, tx *sql.Tx, d dialect) error {
	for i, statement := range m.statements {
		if err := d.apply(ctx, tx, statement); err != nil {
			return fmt.Errorf("step %q, statement %d: %w", m.name, i+1, err)
		}
	}
	return nil
}

func (d dialect) apply(ctx context.Context, tx *sql.Tx, statement string) error {
	if done, err := d.isDone(ctx, tx, statement); done || err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, d.render(statement))
	return err
}

// isDone reports whether a statement adds a column that is there. Only SQLite must be
// asked: others know IF NOT EXISTS.
func (d dialect) isDone(ctx context.Context, tx *sql.Tx, statement string) (bool, error) {
	added, ok := addition(statement)
	if !ok || d.goose != goose.DialectSQLite3 {
		return false, nil
	}
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?", added.Name, added.Columns[0].Name).Scan(&n)
	return n > 0, err
}
