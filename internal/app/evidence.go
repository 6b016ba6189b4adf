package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/ingest/spool"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// evidenceName is the folder, in the data directory, of files that clients of
// deckies left; evidenceSpool that of observations that wait for the store.
const (
	evidenceName  = "evidence"
	evidenceSpool = "evidence-spool"
)

// evidence is what clients did on deckies: how it is sealed, and where it lies.
type evidence struct {
	sealer   *capture.Sealer
	blobs    *capture.Blobs
	rows     *sqlstore.Capture
	recorder *capture.Recorder // nil where the sensor is off
}

// openEvidence opens what commands need, too.
func (n *node) openEvidence(context.Context) (stopFunc, error) {
	e := &evidence{}
	var err error
	if e.sealer, err = capture.NewSealer(n.keys.Ring); err != nil {
		return nil, err
	}
	if e.blobs, err = capture.OpenBlobs(filepath.Join(n.cfg.Data.Dir, evidenceName), e.sealer); err != nil {
		return nil, err
	}
	e.rows = sqlstore.NewCapture(n.store, e.sealer, e.blobs)
	n.evidence = e
	return nil, nil
}

// startRecorder makes what takes down what clients do. It ends after the deckies.
func (n *node) startRecorder(ctx context.Context) (stopFunc, error) {
	if _, err := n.openEvidence(ctx); err != nil || n.cfg.Deception == nil {
		return nil, err
	}
	waiting, err := spool.Open(filepath.Join(n.cfg.Data.Dir, evidenceSpool), spool.Limits{})
	if err != nil {
		return nil, fmt.Errorf("opening the spool of evidence: %w", err)
	}
	e := n.evidence
	e.recorder, err = capture.New(capture.Deps{
		Store: e.rows, Ring: n.keys.Ring, Sealer: e.sealer, Blobs: e.blobs, Redact: n.words(), Node: n.name, Spool: waiting, Log: n.log,
		Room: n.roomLeft, Tell: n.emit,
	})
	if err != nil {
		return nil, err
	}
	stop := func(ctx context.Context) error { return e.recorder.Close(ctx) }
	if err := n.add("deckies-evidence", e.recorder.Run); err != nil {
		return stop, err
	}
	return stop, n.add("deckies-expire", n.expireEvidence)
}

// expireEvidence deletes files that were kept long enough; their rows go with
// all others.
func (n *node) expireEvidence(ctx context.Context) error {
	for {
		if err := n.expireOnce(time.Now()); err != nil {
			n.log.Warn("deleting evidence that was kept long enough", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Hour):
		}
	}
}

func (n *node) expireOnce(now time.Time) error {
	keep := n.cfg.Deception.Keep()
	if keep <= 0 {
		return n.deception.vault.Expire(time.Time{})
	}
	_, err := n.evidence.blobs.Expire(now.Add(-keep))
	return errors.Join(err, n.deception.vault.Expire(now.Add(-keep)))
}

// startAttackers registers the reactor that makes attackers of what clients do.
// One node of a cluster runs it.
func (n *node) startAttackers(context.Context) (stopFunc, error) {
	trusted, err := httpx.ParsePrefixes(n.cfg.API.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("api.trusted_proxies: %w", err)
	}
	wake, leave := n.wakes.gather()
	r, err := attacker.New(attacker.Deps{Store: sqlstore.NewAttackers(n.store), Node: n.name + "/attacker", Trusted: trusted, Wake: wake, Log: n.log})
	if err != nil {
		leave()
		return nil, err
	}
	return func(context.Context) error { leave(); return nil }, n.add("attackers", n.leased("attackers", r.Run, nil))
}

// keptEvidence is what retention deletes of deckies.
func keptEvidence(d *config.Deception) []kept {
	if d == nil {
		return nil
	}
	return []kept{{sqlstore.KeptCaptured, "evidence.expire", d.Keep()}, {sqlstore.KeptAttackers, "attacker.expire", d.Keep()}}
}
