package config

import (
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Config is the whole of cordon.yaml. A section that is a pointer is off when
// the file does not have it.
type Config struct {
	Data        Data        `yaml:"data,omitempty" jsonschema:"description=Where this node keeps its state."`
	API         API         `yaml:"api,omitempty" jsonschema:"description=The HTTP API and the dashboard."`
	Store       Store       `yaml:"store,omitempty" jsonschema:"description=The database."`
	Bus         Bus         `yaml:"bus,omitempty" jsonschema:"description=Live fan-out between the parts of Cordon."`
	Log         Log         `yaml:"log,omitempty" jsonschema:"description=Cordon's own log\\, on standard error."`
	Fingerprint Fingerprint `yaml:"fingerprint,omitempty" jsonschema:"description=The installation key."`
	Leak        *Leak       `yaml:"leak,omitempty" jsonschema:"description=The leak sensor. Absent: off."`
	Notify      *Notify     `yaml:"notify,omitempty" jsonschema:"description=Alerts to other systems. Absent: off."`

	// Warnings are things that work but should not stay so, for people to read.
	Warnings []string `yaml:"-"`
}

// Data is where this node keeps its state.
type Data struct {
	Dir string `yaml:"dir,omitempty" jsonschema:"description=Directory for the database\\, keys and the control socket. Default: $XDG_STATE_HOME/cordon or /var/lib/cordon."`
}

// API is the HTTP face.
type API struct {
	Listen string `yaml:"listen,omitempty" jsonschema:"description=Address as HOST:PORT. Default 127.0.0.1:8420."`
}

// Store is the database.
type Store struct {
	URL string `yaml:"url,omitempty" jsonschema:"description=sqlite:PATH. Default: cordon.db in the data directory."`
}

// Bus is the live fan-out.
type Bus struct {
	URL string `yaml:"url,omitempty" jsonschema:"description=nats://HOST:PORT of an external NATS. Empty: a NATS server inside the process."`
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
}

// Leak is the leak sensor.
type Leak struct {
	Policy  Policy   `yaml:"policy,omitempty" jsonschema:"description=What becomes a quarantine entry."`
	Sources []Source `yaml:"sources,omitempty" jsonschema:"description=What is watched."`
}

// Policy is what becomes a quarantine entry. Info never does.
type Policy struct {
	MinSeverity   *event.Severity `yaml:"min_severity,omitempty" jsonschema:"type=string,enum=low,enum=medium,enum=high,enum=critical,description=Default low."`
	MinConfidence *float64        `yaml:"min_confidence,omitempty" jsonschema:"minimum=0,maximum=1,description=Default 0.5."`
}

// Source is one thing the leak sensor watches.
type Source struct {
	ID            string       `yaml:"id" jsonschema:"required,description=Letters\\, digits\\, - and _. Part of every stored position: do not change it."`
	Kind          string       `yaml:"kind" jsonschema:"required,enum=hypercore,enum=bzzz-log,enum=dir,enum=stdin"`
	Path          string       `yaml:"path" jsonschema:"required,description=A directory\\, a file or a link\\, depending on the kind. It may not exist yet."`
	MessageTypes  MessageTypes `yaml:"message_types,omitempty" jsonschema:"description=Which BZZZ message types are scanned. Default: all."`
	EncryptionKey Secret       `yaml:"encryption_key,omitempty" jsonschema:"description=hypercore: file: or env: of the 32-byte block key in hex."`
}

// MessageTypes filters by the type of a BZZZ message.
type MessageTypes struct {
	Include []string `yaml:"include,omitempty" jsonschema:"description=If not empty\\, only these."`
	Exclude []string `yaml:"exclude,omitempty" jsonschema:"description=Never these."`
}

// Notify is alerts to other systems.
type Notify struct {
	Webhooks []Webhook `yaml:"webhooks,omitempty" jsonschema:"description=Webhook subscriptions."`
}

// Webhook is one subscription.
type Webhook struct {
	ID           string          `yaml:"id" jsonschema:"required,description=Letters\\, digits\\, - and _."`
	URL          Secret          `yaml:"url" jsonschema:"required,description=https://... or file: or env: of it (a Slack URL is a secret)."`
	Secret       Secret          `yaml:"secret,omitempty" jsonschema:"description=file: or env: of the signing secret (Standard Webhooks). Absent: not signed."`
	Topics       []string        `yaml:"topics" jsonschema:"required,description=Patterns such as leak.> or leak.message.*."`
	Format       string          `yaml:"format,omitempty" jsonschema:"enum=generic,enum=slack,description=Default generic."`
	MinSeverity  *event.Severity `yaml:"min_severity,omitempty" jsonschema:"type=string,enum=info,enum=low,enum=medium,enum=high,enum=critical,description=Default info: all."`
	AllowPrivate bool            `yaml:"allow_private,omitempty" jsonschema:"description=The URL may lead to a loopback or private address."`
}

// The defaults of what a file may leave out.
const (
	DefaultListen        = "127.0.0.1:8420"
	DefaultMinConfidence = 0.5
	DefaultMinSeverity   = event.Low
	StopDeadline         = 10 * time.Second
)

// SeverityBar is the policy's bar with its default filled in.
func (p Policy) SeverityBar() event.Severity {
	if p.MinSeverity == nil {
		return DefaultMinSeverity
	}
	return *p.MinSeverity
}

// ConfidenceBar is the policy's bar with its default filled in.
func (p Policy) ConfidenceBar() float64 {
	if p.MinConfidence == nil {
		return DefaultMinConfidence
	}
	return *p.MinConfidence
}
