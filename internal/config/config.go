package config

import (
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Config is the whole of cordon.yaml. A section that is a pointer is off when
// the file does not have it.
type Config struct {
	Data        Data        `yaml:"data,omitempty" jsonschema:"description=Where this node keeps its state."`
	Node        Node        `yaml:"node,omitempty" jsonschema:"description=This node among others."`
	API         API         `yaml:"api,omitempty" jsonschema:"description=The HTTP API and the dashboard."`
	Store       Store       `yaml:"store,omitempty" jsonschema:"description=The database."`
	Bus         Bus         `yaml:"bus,omitempty" jsonschema:"description=Live fan-out between the parts of Cordon."`
	Telemetry   Telemetry   `yaml:"telemetry,omitempty" jsonschema:"description=What this node tells observability systems besides its log and its metrics."`
	Log         Log         `yaml:"log,omitempty" jsonschema:"description=Cordon's own log\\, on standard error."`
	Fingerprint Fingerprint `yaml:"fingerprint,omitempty" jsonschema:"description=The installation key."`
	Leak        *Leak       `yaml:"leak,omitempty" jsonschema:"description=The leak sensor. Absent: off."`
	Egress      *Egress     `yaml:"egress,omitempty" jsonschema:"description=The egress sensor. Absent: off."`
	Deception   *Deception  `yaml:"deception,omitempty" jsonschema:"description=The deception sensor: deckies. Absent: off."`
	Anomaly     Anomaly     `yaml:"anomaly,omitempty" jsonschema:"description=The anomaly sensor: what of what other programs report is too much. Absent: on\\, with the usual limits."`
	Respond     Respond     `yaml:"respond,omitempty" jsonschema:"description=What is done about what was seen: the block list\\, and playbooks. Absent: on\\, without playbooks."`
	Ingest      *Ingest     `yaml:"ingest,omitempty" jsonschema:"description=What is taken of other programs' logs. Absent: nothing."`
	Notify      *Notify     `yaml:"notify,omitempty" jsonschema:"description=Alerts to other systems. Absent: off."`

	storeRef string `yaml:"-"` // what store.url was given as, when that is a reference
	busRef   string `yaml:"-"` // likewise of bus.url

	// Warnings are things that work but should not stay so, for people to read.
	Warnings []string `yaml:"-"`
	// Sum is the SHA-256 of the file that it was read from, by which a change of
	// the file is noticed; zero without a file.
	Sum [32]byte `yaml:"-"`
}

// Data is where this node keeps its state.
type Data struct {
	Dir string `yaml:"dir,omitempty" jsonschema:"description=Directory for the database\\, keys and the control socket. Default: $XDG_STATE_HOME/cordon (~/.local/state/cordon if that is not set)\\, of root /var/lib/cordon."`
}

// Node is this node among others.
type Node struct {
	Name string `yaml:"name,omitempty" jsonschema:"description=Name of this node in events\\, logs and lists; unique among the nodes of one store. Default: the host name."`
}

// API is the HTTP face.
type API struct {
	Listen         string    `yaml:"listen,omitempty" jsonschema:"description=Address as HOST:PORT. Default 127.0.0.1:8420."`
	TLS            TLS       `yaml:"tls,omitempty" jsonschema:"description=A certificate of your own. Absent: plain HTTP."`
	TrustedProxies []string  `yaml:"trusted_proxies,omitempty" jsonschema:"description=Addresses or networks of proxies whose X-Forwarded-For is believed. Default: none."`
	Allow          []string  `yaml:"allow,omitempty" jsonschema:"description=Addresses or networks that are let in. Default: all. The control socket is always open to this machine's administrator."`
	RateLimit      RateLimit `yaml:"rate_limit,omitempty" jsonschema:"description=How fast one caller may be\\, a user or key if it is known\\, else an address."`
}

// TLS is a certificate in files, which are read again when they change.
type TLS struct {
	Cert string `yaml:"cert,omitempty" jsonschema:"description=PEM file of the certificate and its chain."`
	Key  string `yaml:"key,omitempty" jsonschema:"description=PEM file of its private key."`
}

// RateLimit is how fast one caller of the API may be.
type RateLimit struct {
	PerSecond int `yaml:"per_second,omitempty" jsonschema:"description=Requests per second. Default 50."`
	Burst     int `yaml:"burst,omitempty" jsonschema:"description=How many may come at once. Default 200."`
}

// Bus is the live fan-out.
type Bus struct {
	URL string `yaml:"url,omitempty" jsonschema:"description=nats://HOST:PORT of an external NATS\\, several with commas between them\\, or file: or env: of it. Empty: a NATS server inside the process."`
}

// Telemetry is what a node tells observability systems.
type Telemetry struct {
	OTLPEndpoint Secret `yaml:"otlp_endpoint,omitempty" jsonschema:"description=http://HOST:PORT of an OpenTelemetry receiver (OTLP over HTTP) that gets a trace of each message in which something was found\\, or file: or env: of it. Default: none."`
}

// Log is Cordon's own log.
type Log struct {
	Level  string `yaml:"level,omitempty" jsonschema:"enum=debug,enum=info,enum=warn,enum=error,description=Default info."`
	Format string `yaml:"format,omitempty" jsonschema:"enum=json,enum=text,description=Default: text on a terminal\\, else json."`
}

// Fingerprint is the installation key that makes fingerprints.
type Fingerprint struct {
	Key     Secret   `yaml:"key,omitempty" jsonschema:"description=file:PATH or env:NAME of 32 bytes in hex or base64. Default: made at first start in the data directory."`
	OldKeys []Secret `yaml:"old_keys,omitempty" jsonschema:"description=Replaced keys\\, newest first\\, kept so that older fingerprints are still found."`

	SealingKey Secret `yaml:"sealing_key,omitempty" jsonschema:"description=file:PATH or env:NAME of 32 bytes in hex or base64 that seal webhook addresses and secrets in the database. Nodes that share a database need the same. Default: made at first start in the data directory."`
}

// Leak is the leak sensor.
type Leak struct {
	Policy  Policy   `yaml:"policy,omitempty" jsonschema:"description=What becomes a quarantine entry."`
	Sources []Source `yaml:"sources,omitempty" jsonschema:"description=What is watched."`
	Rules   Rules    `yaml:"rules,omitempty" jsonschema:"description=Detection rules beside the builtin ones."`
}

// Rules are detection rules beside the builtin ones. Operators change rules
// through the API as well.
type Rules struct {
	Files   []string `yaml:"files,omitempty" jsonschema:"description=Rule files: of Cordon\\, .gitleaks.toml\\, or SHHH's patterns.yaml. A rule with the id of a builtin one takes its place."`
	Disable []string `yaml:"disable,omitempty" jsonschema:"description=Ids of rules that are not run\\, whatever is said elsewhere."`
}

// Policy is what becomes a quarantine entry. Info never does.
type Policy struct {
	MinSeverity   *event.Severity `yaml:"min_severity,omitempty" jsonschema:"type=string,enum=low,enum=medium,enum=high,enum=critical,description=Default low."`
	MinConfidence *float64        `yaml:"min_confidence,omitempty" jsonschema:"minimum=0,maximum=1,description=Default 0.5."`
	Confidence    Confidence      `yaml:"confidence,omitempty" jsonschema:"description=Bars for single severities\\, in place of min_confidence."`
}

// Confidence is how sure a rule must be, by severity. Those left out have the
// bar of min_confidence.
type Confidence struct {
	Low      *float64 `yaml:"low,omitempty" jsonschema:"minimum=0,maximum=1,description=Bar of findings of severity low."`
	Medium   *float64 `yaml:"medium,omitempty" jsonschema:"minimum=0,maximum=1,description=Bar of findings of severity medium."`
	High     *float64 `yaml:"high,omitempty" jsonschema:"minimum=0,maximum=1,description=Bar of findings of severity high."`
	Critical *float64 `yaml:"critical,omitempty" jsonschema:"minimum=0,maximum=1,description=Bar of findings of severity critical."`
}

// Source is one thing the leak sensor watches.
type Source struct {
	ID            string       `yaml:"id" jsonschema:"required,description=Letters\\, digits\\, - and _. Part of every stored position: do not change it."`
	Kind          string       `yaml:"kind" jsonschema:"required,description=What it is; the README of each kind tells more.,enum=hypercore,enum=hypercore-peer,enum=bzzz-log,enum=dir,enum=file,enum=stdin"`
	Path          string       `yaml:"path" jsonschema:"required,description=A directory\\, a file or a link\\, depending on the kind. It may not exist yet. hypercore: a store of Hypercore 11 with several cores is followed by /KEY. hypercore-peer: KEY@HOST:PORT\\, the key of the core in hex."`
	MessageTypes  MessageTypes `yaml:"message_types,omitempty" jsonschema:"description=Which BZZZ message types are scanned. Default: all."`
	Policy        Policy       `yaml:"policy,omitempty" jsonschema:"description=What of this source becomes a quarantine entry. What it leaves out is as in leak.policy."`
	EncryptionKey Secret       `yaml:"encryption_key,omitempty" jsonschema:"description=hypercore\\, hypercore-peer: file: or env: of the 32-byte block key in hex."`
}

// MessageTypes filters by the type of a BZZZ message.
type MessageTypes struct {
	Include []string `yaml:"include,omitempty" jsonschema:"description=If not empty\\, only these. A * at the end stands for whatever follows."`
	Exclude []string `yaml:"exclude,omitempty" jsonschema:"description=Never these. A * at the end likewise."`
}

// Notify is alerts to other systems.
type Notify struct {
	Webhooks []Webhook `yaml:"webhooks,omitempty" jsonschema:"description=Webhook subscriptions."`
}

// Escalation is who is told of incidents that nobody has acknowledged in time.
type Escalation struct {
	After string `yaml:"after" jsonschema:"required,description=How long after this webhook was told\\, such as 15m: 1m to 168h. Each step comes later than the one before."`
	To    string `yaml:"to" jsonschema:"required,description=The id of the webhook that is told\\, whatever else it wants to hear."`
}

// Webhook is one subscription.
type Webhook struct {
	ID            string          `yaml:"id" jsonschema:"required,description=Letters\\, digits\\, - and _."`
	URL           Secret          `yaml:"url" jsonschema:"required,description=https://... or smtps:// or syslog+tls:// where the format is one of those; or file: or env: of it (a Slack URL is a secret)."`
	Secret        Secret          `yaml:"secret,omitempty" jsonschema:"description=file: or env: of the signing secret (Standard Webhooks)\\, or of the receiver's key or password where the format wants one (pagerduty\\, email). Absent: not signed."`
	Presets       []string        `yaml:"presets,omitempty" jsonschema:"enum=Leaks,enum=AttackerDetail,enum=DeckyStatus,enum=SystemStatus,enum=EgressAlerts,enum=Incidents,enum=Anomalies,enum=Responses,description=Names that stand for lists of topics. Presets or topics are needed."`
	Topics        []string        `yaml:"topics,omitempty" jsonschema:"description=Patterns such as leak.> or leak.message.*."`
	Format        string          `yaml:"format,omitempty" jsonschema:"enum=generic,enum=slack,enum=discord,enum=teams,enum=pagerduty,enum=email,enum=syslog,enum=cef,enum=template,description=Default generic."`
	MinSeverity   *event.Severity `yaml:"min_severity,omitempty" jsonschema:"type=string,enum=info,enum=low,enum=medium,enum=high,enum=critical,description=Default info: all."`
	MinConfidence float64         `yaml:"min_confidence,omitempty" jsonschema:"minimum=0,maximum=1,description=Of events that state a confidence\\, those at least so sure. Default 0: all."`
	Rules         []string        `yaml:"rules,omitempty" jsonschema:"description=Of events that name a rule\\, only these. Default: all."`
	Sources       []string        `yaml:"sources,omitempty" jsonschema:"description=Of events that name a leak source\\, only these. Default: all."`
	AllowPrivate  bool            `yaml:"allow_private,omitempty" jsonschema:"description=The URL may lead to a loopback or private address."`
	Template      string          `yaml:"template,omitempty" jsonschema:"description=Of the format template: the body\\, with placeholders such as {{title}}."`
	Digest        string          `yaml:"digest,omitempty" jsonschema:"description=Collect what happens for so long and tell it in one message: 1m to 24h. Default: each event by itself."`
	Quiet         []string        `yaml:"quiet,omitempty" jsonschema:"description=Times in which nothing is told\\, such as 22:00-07:00 or sat\\,sun 00:00-24:00; one message tells of it afterwards."`
	Timezone      string          `yaml:"timezone,omitempty" jsonschema:"description=Of quiet\\, such as Europe/Berlin. Default UTC."`
	Escalate      []Escalation    `yaml:"escalate,omitempty" jsonschema:"description=Who is told of incidents that this webhook was told of and nobody has acknowledged in time."`
	Urgent        *event.Severity `yaml:"urgent,omitempty" jsonschema:"type=string,enum=info,enum=low,enum=medium,enum=high,enum=critical,description=From this severity on an event is told by itself and at once\\, whatever the hour. Default critical."`
}

// The defaults of what a file may leave out.
const (
	DefaultListen        = "127.0.0.1:8420"
	DefaultPerSecond     = 50
	DefaultBurst         = 200
	DefaultMinConfidence = 0.5
	DefaultMinSeverity   = event.Low
	StopDeadline         = 10 * time.Second
)
