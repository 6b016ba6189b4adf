package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/rules"
)

// Sources tells how the leak sources are doing.
type Sources interface {
	Sources() []Source
}

// Checker looks at everything whose failure a person should know of.
type Checker interface {
	Health(ctx context.Context) []Check
}

// Notary signs and verifies the audit log.
type Notary interface {
	Verify(ctx context.Context, against ...audit.Checkpoint) (audit.Report, error)
	Last(ctx context.Context) (audit.Checkpoint, error) // audit.ErrNoCheckpoint
	Sign(ctx context.Context) (audit.Checkpoint, error) // audit.ErrBroken
}

// Deps is what the API needs.
type Deps struct {
	Quarantine   QuarantineStore    // Mandatory.
	Findings     FindingStore       // Mandatory.
	Metrics      MetricsStore       // Mandatory.
	Incidents    IncidentStore      // Mandatory.
	Anomalies    AnomalyStore       // Mandatory.
	Events       EventStore         // Mandatory.
	Gossip       GossipStore        // Mandatory.
	Audit        AuditStore         // Mandatory.
	Notary       Notary             // Mandatory.
	Rules        *rules.Manager     // Mandatory.
	AnomalyRules *rulebook.Manager  // Mandatory.
	Users        *auth.Users        // Mandatory.
	Keys         *auth.Keys         // Mandatory.
	Sessions     *auth.Sessions     // Mandatory.
	Webhooks     *notify.Notifier   // Mandatory.
	Blocks       *respond.List      // Mandatory.
	Playbooks    *respond.Playbooks // Mandatory.
	Setup        *auth.Setup        // If nil, the first user is made with the CLI only.
	Sources      Sources            // If nil, there are none.
	Checks       Checker            // If nil, nothing is looked at.
	Workers      Workers            // If nil, there are none.
	Reloader     Reloader           // If nil, the configuration is read at the start only.
	Configured   Configured         // If nil, there is no configuration to show.
	Egress       *Egress            // If nil, the egress sensor is off.
	Deception    *Deception         // If nil, nothing is shown of deckies.
	Intake       Intake             // If nil, no events are taken.
	Clock        clock.Clock        // If nil, the machine's.
	Log          *slog.Logger       // If nil, discards.
	Node         string             // Mandatory. Name of this node, in events.
	Version      string             // Mandatory. Version of this build.

	// Recommendation says what the owner of a secret that a rule found should
	// do. If nil, nothing is recommended.
	Recommendation func(rule string) string
	// Fingerprints returns the fingerprints of a secret: under the key in force,
	// then under those that it replaced. If nil, secrets cannot be looked up.
	Fingerprints func(secret []byte) []string
	// Limit is how fast one caller may be. If nil, as fast as it can.
	Limit *httpx.Limiter
	// Redact takes the secrets out of what a person writes, before it is stored.
	// If nil, it is stored as it is written.
	Redact func(text string) string
	// Wake subscribes to new events: the channel receives when there are some,
	// the function ends the subscription. If nil, streams poll only.
	Wake func() (<-chan struct{}, func())
	// Ready returns the reasons why the node is not ready yet; none when it
	// is. If nil, it always is.
	Ready func() []string
	// Backup writes a backup of the whole database, on request with the keys of
	// the installation, sealed. If nil, there are none through the API.
	Backup func(ctx context.Context, out io.Writer, keys bool, passphrase redact.Secret) error
	// Prometheus answers GET /metrics. If nil, there is no such page.
	Prometheus http.Handler
	// Dashboard holds the built dashboard, index.html at its root. If nil or
	// without index.html, a plain page says how to get it.
	Dashboard fs.FS
}

// API is the HTTP face. It is an http.Handler; Close ends its streams.
type API struct {
	server
	handler http.Handler
}

// server is what the operations share.
type server struct {
	Deps
	huma      huma.API
	startedAt time.Time
	reviews   *reviews[quarantineOutput]
	endpoints *reviews[endpointOutput]
	streams   *streams      // of events
	waits     *streams      // requests that wait for a change
	large     chan struct{} // held by each large body
	verifying sync.Mutex    // held while the audit log is verified
	probing   sync.Mutex    // held while other name servers are asked whether they answer
	backing   sync.Mutex    // held while a backup is made
	described func() ([]byte, error)
}

// New returns the API; an error names the dependency that is missing.
func New(d Deps) (*API, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	a, mux := build(d)
	a.handler = a.site(mux)
	return a, nil
}

// build registers the operations; they are not called without dependencies.
func build(d Deps) (*API, *http.ServeMux) {
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	a := &API{server: server{Deps: d, startedAt: d.Clock.Now().Truncate(time.Microsecond)}}
	a.reviews, a.endpoints = newReviews[quarantineOutput](d.Clock), newReviews[endpointOutput](d.Clock)
	a.streams, a.waits = newStreams("streams", streamsAll, streamsPerUser), newStreams("waiting requests", waitsAll, waitsPerUser)
	a.large = make(chan struct{}, mostLarge)
	a.huma = newHuma(mux, &a.server)
	a.routes()
	nullInEnums(a.huma.OpenAPI().Components.Schemas.Map())
	a.described = sync.OnceValues(a.document)
	return a, mux
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Close ends all streams and waiting requests, and refuses new ones. Call it before
// the HTTP server's Shutdown, which waits for them.
func (a *API) Close() {
	a.streams.close()
	a.waits.close()
}

func (d Deps) check() error {
	for name, missing := range map[string]bool{
		"Quarantine": d.Quarantine == nil, "Findings": d.Findings == nil, "Metrics": d.Metrics == nil, "Events": d.Events == nil,
		"Incidents": d.Incidents == nil, "Anomalies": d.Anomalies == nil, "Gossip": d.Gossip == nil,
		"Audit": d.Audit == nil, "Notary": d.Notary == nil, "Webhooks": d.Webhooks == nil, "Blocks": d.Blocks == nil, "Playbooks": d.Playbooks == nil,
		"Rules": d.Rules == nil, "AnomalyRules": d.AnomalyRules == nil, "Users": d.Users == nil, "Keys": d.Keys == nil, "Sessions": d.Sessions == nil, "Node": d.Node == "", "Version": d.Version == "",
	} {
		if missing {
			return fmt.Errorf("building API: Deps.%s is mandatory", name)
		}
	}
	return nil
}

// errInternal is what a caller learns of a failure inside.
var errInternal = errors.New("the server failed to answer; its log says why")
