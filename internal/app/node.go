package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/cli"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/ingest"
	"go.cordon.dev/cordon/internal/ingest/parse"
	"go.cordon.dev/cordon/internal/ingest/syslog"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/supervise"
	"go.cordon.dev/cordon/internal/telemetry"
)

// node is one running Cordon: its parts, in the order in which they come to
// life.
type node struct {
	cfg     *config.Config // the node's own copy: parts that start fill in addresses
	log     *slog.Logger
	out     io.Writer // where people are told what is open
	name    string    // of this machine, in events
	owner   string    // of this machine, in leases
	fromCfg bool      // a configuration file was given
	level   *slog.LevelVar
	given   *config.Config // cfg as it was given

	lock         *flock.Flock
	keys         *keys.Keys
	pinner       *audit.Actor // who replaces the installation key; nil: nobody does
	metrics      *telemetry.Metrics
	tracer       *telemetry.Tracer // nil: off
	bus          bus.Bus
	wakes        *wakes
	store        *store.Store
	workers      *supervise.Supervisor
	rules        *rules.Manager
	sensor       *leak.Sensor
	links        peerLinks     // of its sources
	egress       *egressSensor // nil: off
	disk         *disk         // nil in a command
	evidence     *evidence
	deception    *deceptionSensor // nil: off
	notifier     *notify.Notifier
	blocks       *respond.List
	playbooks    documents[*playbook.Playbook]
	answers      *respond.Playbooks
	reactor      *respond.Reactor
	intake       *ingest.Intake                // nil in a command
	records      parse.Recorder                // takes what logs tell of; nil: nothing does
	syslog       func() (udp, tcp, tls string) // where it listens; nil: off
	heard        atomic.Pointer[syslog.Server] // who listens there
	rulebook     *rulebook.Manager             // of anomaly rules
	anomalyRules documents[rulebook.Filed]
	counted      func() guard.Usage // how the anomaly sensor's counters fare; nil: there is none
	notary       *audit.Notary
	users        *auth.Users
	setup        *auth.Setup
	listener     net.Listener // the API's address, taken before anything tells it
	api          *api.API
	reloader     reloader
	health       *health
	started      atomic.Bool     // every part is
	stopping     <-chan struct{} // closed when the node is told to stop; nil: a command, which waits for nothing
}

func newNode(cfg *config.Config, log *slog.Logger, out io.Writer) *node {
	own := *cfg
	return &node{cfg: &own, given: cfg, log: log, level: new(slog.LevelVar), out: out, name: nodeName(cfg.Node.Name), health: newHealth()}
}

// nodeName is the node's name as a part of envelope sources: the machine's,
// unless the configuration gives one.
func nodeName(given string) string {
	if given != "" {
		return given
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "node"
	}
	return strings.ToLower(host)
}

// Serve runs a node until ctx ends.
func Serve(ctx context.Context, o cli.ServeOptions) error {
	log, level, err := newLog(o.Config.Log, os.Stderr)
	if err != nil {
		return err
	}
	for _, w := range o.Config.Warnings {
		log.Warn(w)
	}
	n := newNode(o.Config, log, os.Stdout)
	n.fromCfg, n.level = o.FromFile, level
	n.reloader.load, n.reloader.file = o.Load, o.File
	return n.run(ctx)
}

func (n *node) run(ctx context.Context) error {
	l := &life{log: n.log}
	// Parts live until they are stopped, in order; not until ctx ends.
	n.stopping = ctx.Done()
	err := l.start(context.WithoutCancel(ctx), n.parts())
	if errors.Is(err, errStopped) {
		return nil
	}
	if err != nil {
		return err
	}
	n.started.Store(true)
	n.announce()
	<-ctx.Done()
	n.log.Info("stopping")
	return l.stop(config.StopDeadline - time.Second)
}

// platform is what everything else stands on.
func (n *node) platform() []part {
	return []part{
		{"process hardening", n.startHardening},
		{"data directory", n.startData},
		{"keys", n.startKeys},
		{"metrics", n.startMetrics},
		{"bus", n.startBus},
		{"store", n.startStore},
	}
}

// parts is the node, in the order of its start. It stops in reverse.
func (n *node) parts() []part {
	return append(n.platform(), []part{
		{"disk", n.startDisk},
		{"detection rules", n.startRules},
		{"traces", n.startTraces},
		{"leak sensor", n.startLeak},
		{"webhooks", n.openNotify},
		{"notifier", n.startNotify},
		{"incidents", n.startIncidents},
		{"gossip", n.startGossip},
		{"attackers", n.startAttackers},
		{"anomaly sensor", n.startAnomaly},
		{"intake of events", n.startIntake},
		{"other programs' logs", n.startLogs},
		{"address", n.takeAddress},
		{"egress sensor", n.startEgress},
		{"evidence", n.startRecorder},
		{"response", n.openResponse},
		{"playbooks", n.startResponse},
		{"deckies", n.startDeception},
		{"API", n.startAPI},
		{"audit", n.startNotary},
		{"retention", n.startRetention},
		{"configuration", n.startReload},
		{"workers", n.startWorkers},
		{"control socket", n.startSocket},
		{"listener", n.startListener},
		{"setup link", n.startSetup},
	}...)
}

// localParts is what a command needs that works without a server.
func (n *node) localParts() []part {
	return append(n.platform(), part{"detection rules", n.openRules}, part{"anomaly rules", n.openRulebook}, part{"webhooks", n.openNotify}, part{"egress policy", n.openEgress}, part{"evidence", n.openEvidence}, part{"response", n.openResponse}, part{"API", n.startAPI})
}
