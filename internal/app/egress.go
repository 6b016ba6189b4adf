package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/budget"
	"go.cordon.dev/cordon/internal/egress/caller"
	"go.cordon.dev/cordon/internal/egress/killswitch"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/policies"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// sensor is the egress sensor of a node. In a command only its policies and
// its log's place are there.
type egressSensor struct {
	cfg           config.Egress
	db            *sqlstore.Egress
	log           archive.Log
	signer, floor *audit.Signer
	policies      *policies.Manager
	authority     *authority

	broken   error // why the log was not opened; nil: it was
	ledger   *ledger.Ledger
	recorder *archive.Recorder
	kill     *killswitch.Switch
	turned   chan killswitch.State // changes of the switch whose event is to be stored
	news     *news                 // for who waits for a change of the switch or the policy
	gateway  *egress.Gateway
	budgets  *budget.Book
	callers  *caller.Finder
	hidden   *hidden      // nil until the gateway is made; nothing is recorded before
	listener net.Listener // the first time; a worker that starts again makes its own
	address  string       // where it listens

	dns         *nameServer // nil: there is none
	transparent string      // where redirected connections are taken; empty: nowhere
}

// openEgress opens what a command needs, too: the policy and the place of the
// log. Without the section there is no sensor.
func (n *node) openEgress(ctx context.Context) (_ stopFunc, err error) {
	if n.cfg.Egress == nil {
		return nil, nil
	}
	e := &egressSensor{cfg: *n.cfg.Egress, db: sqlstore.NewEgress(n.store), turned: make(chan killswitch.State, 16), news: newNews()}
	dir, err := filepath.Abs(e.cfg.LogDir)
	if err != nil {
		return nil, fmt.Errorf("egress.log_dir: %w", err)
	}
	e.authority = &authority{dir: filepath.Join(n.cfg.Data.Dir, keys.Dir)}
	e.log = archive.Log{Node: n.name, Dir: dir}
	if e.signer, err = n.signerFor(ledger.SigningPurpose); err != nil {
		return nil, err
	}
	if e.floor, err = n.signerFor(ledger.FloorPurpose); err != nil {
		return nil, err
	}
	e.policies, err = policies.Open(ctx, policies.Deps{File: e.cfg.Policy, Store: e.db, Node: n.name, Log: n.log, Changed: e.policyChanged})
	if err != nil {
		return nil, err
	}
	n.egress = e
	return nil, nil
}

func (n *node) signerFor(purpose string) (*audit.Signer, error) {
	key, replaced := n.keys.Ring.Derive(purpose)
	s, err := audit.NewSigner(key, replaced...)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", purpose, err)
	}
	return s, nil
}

// policyChanged judges what is open by the new policy.
func (e *egressSensor) policyChanged() {
	e.news.tell()
	if e.gateway != nil {
		e.gateway.Rejudge()
	}
}

// startEgress opens the log and the gateway and registers their workers. A log
// that was tampered with keeps the gateway shut, not the node.
func (n *node) startEgress(ctx context.Context) (stopFunc, error) {
	if _, err := n.openEgress(ctx); err != nil || n.egress == nil {
		return nil, err
	}
	e := n.egress
	if err := e.openSwitch(ctx, n.cfg.Data.Dir, n.log); err != nil {
		return nil, err
	}
	if err := n.add("egress-policy", e.policies.Run); err != nil {
		return nil, err
	}
	if err := n.add("egress-killswitch", n.watchSwitch); err != nil {
		return nil, err
	}
	n.metrics.WatchEgress(e.sample)
	known, err := e.db.Archived(ctx, e.log)
	if err != nil {
		return nil, err
	}
	e.ledger, err = ledger.Open(e.ledgerOptions(n, known))
	if errors.Is(err, ledger.ErrTampered) {
		e.broken = err
		n.log.Error("the egress gateway stays shut", "event", "egress_audit_broken", "error", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := n.openGateway(e); err != nil {
		return nil, errors.Join(err, e.ledger.Close())
	}
	return func(context.Context) error { return errors.Join(e.budgets.Close(), e.ledger.Close()) }, nil
}

func (e *egressSensor) ledgerOptions(n *node, known ledger.Head) ledger.Options {
	o := ledger.Options{
		Dir: e.log.Dir, Signer: e.signer, Floor: e.floor, Redact: e.spotless(n.words()), Known: known, Log: n.log,
		Keep: e.cfg.Retention.Keep(), KeepBytes: e.cfg.Retention.Bytes(),
	}
	if o.Keep == 0 {
		o.Keep = -1
	}
	if o.KeepBytes == 0 {
		o.KeepBytes = -1
	}
	return o
}

// openGateway takes the gateway's address and registers its workers.
func (n *node) openGateway(e *egressSensor) (err error) {
	e.recorder = archive.NewRecorder(e.ledger, e.policies.Strict, n.log)
	inspector, err := n.inspector(e)
	if err != nil {
		return err
	}
	roots, err := rootsWith(e.cfg.TLS.CAFile)
	if err != nil {
		return err
	}
	e.budgets, e.callers = budget.Open(filepath.Join(n.cfg.Data.Dir, "egress", "budgets"), n.log), caller.New()
	if e.dns, err = n.openNames(e, inspector, e.callers); err != nil {
		return err
	}
	o := egress.Options{
		Judge: e.policies, Recorder: e.recorder, Switch: e.kill, Inspector: inspector, Authority: e.authority, Roots: roots, Callers: e.callers, Budgets: e.budgets, Own: n.ownAddresses(), Log: n.log, Limits: gatewayLimits(e.cfg.Limits),
	}
	e.dns.teach(&o)
	if e.gateway, err = egress.New(o); err != nil {
		return err
	}
	if err := n.openTransparent(e); err != nil {
		return err
	}
	a := archive.New(archive.Deps{Ledger: e.ledger, Store: e.db, Log: e.log, Watch: e.watcher(), Out: n.log})
	if err := errors.Join(n.add("egress-log", e.ledger.Run), n.add("egress-archive", a.Run)); err != nil {
		return err
	}
	if err := n.openInbound(e); err != nil {
		return err
	}
	e.listener, err = net.Listen("tcp", e.cfg.Listen)
	if err != nil && !n.fromCfg && errors.Is(err, syscall.EADDRINUSE) {
		n.log.Warn("the egress gateway does not listen: its default address is in use; give another as egress.listen", "address", e.cfg.Listen)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w; give another address as egress.listen", err)
	}
	e.address = e.listener.Addr().String()
	return n.add("egress", e.serve)
}

// serve runs the gateway until ctx ends. A worker that was stopped and starts
// again takes the same address.
func (e *egressSensor) serve(ctx context.Context) error {
	l := e.listener
	e.listener = nil
	if l == nil {
		var err error
		if l, err = net.Listen("tcp", e.address); err != nil {
			return err
		}
	}
	return e.gateway.Serve(ctx, l)
}

func gatewayLimits(c config.EgressLimits) egress.Limits {
	return egress.Limits{Clients: c.Clients, Dial: time.Duration(c.Dial) * time.Second, Idle: time.Duration(c.Idle) * time.Second}
}

// ownAddresses are Cordon's other doors, which nobody reaches through the
// gateway.
func (n *node) ownAddresses() []netip.AddrPort {
	if n.listener == nil {
		return nil
	}
	if a, ok := n.listener.Addr().(*net.TCPAddr); ok {
		return []netip.AddrPort{a.AddrPort()}
	}
	return nil
}

// verify reads the whole log, also while it is written.
func (e *egressSensor) verify(ctx context.Context) (ledger.Report, error) {
	known, err := e.db.Archived(ctx, e.log)
	if err != nil {
		return ledger.Report{}, err
	}
	if e.ledger != nil {
		return e.ledger.Verify(ctx, known)
	}
	if _, err := os.Stat(e.log.Dir); errors.Is(err, fs.ErrNotExist) && known.Seq == 0 {
		return ledger.Report{Head: known}, nil // nothing was ever recorded
	}
	return ledger.Verify(ctx, e.log.Dir, ledger.VerifyOptions{Signer: e.signer, Floor: e.floor, Known: known})
}

// egressFace is the sensor as the API wants it; nil when there is none.
func (n *node) egressFace() *api.Egress {
	e := n.egress
	if e == nil {
		return nil
	}
	face := &api.Egress{Store: e.db, Endpoints: e.db, Baselines: e.db, Policies: e.policies, Verify: e.verify, Authority: e.authority}
	if e.kill != nil {
		face.Switch, face.Gateway, face.Changed = n, n, e.news.next
	}
	if e.gateway != nil {
		face.Budgets, face.Ask, face.Hear = e.listBudgets, e.ask, e.hear
	}
	if e.dns != nil {
		face.Names = e.askedServers
	}
	return face
}

// openSwitch finds the switch as its file, its sentinel or the store has it: it
// is on if any of them says so.
func (e *egressSensor) openSwitch(ctx context.Context, dataDir string, log *slog.Logger) error {
	dir := filepath.Join(dataDir, "egress")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of the kill switch: %w", err)
	}
	e.kill = killswitch.Open(killswitch.Options{File: filepath.Join(dir, "killswitch"), Sentinel: filepath.Join(dir, "STOP"), Changed: e.switchChanged})
	stored, err := e.db.KillSwitch(ctx, e.log.Node)
	if err != nil {
		return err
	}
	on, reason := e.kill.On()
	if stored.On && !on {
		reason, on = stored.Reason, true
		if err := e.kill.Set(true, stored.Reason, stored.By, stored.Since); err != nil {
			log.Error("kill switch", "error", err)
		}
	}
	if on {
		log.Warn("the kill switch is on: nothing goes out", "reason", reason)
	}
	return nil
}
