package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/alecthomas/kong"

	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/config"
)

// grammar is the whole command line; its order is the order of the help.
type grammar struct {
	Global `embed:""`

	Serve      serveCmd      `cmd:"" help:"Run a node: sensors, API and dashboard."`
	Demo       demoCmd       `cmd:"" help:"Play a short story with fake secrets through a running server."`
	Scan       scanCmd       `cmd:"" help:"Look for secrets in files, folders, archives, git history or standard input."`
	Hypercore  hypercoreCmd  `cmd:"" help:"Read and verify Hypercore logs."`
	Bzzz       bzzzCmd       `cmd:"" help:"The gossip gateway: start it, see how it fares, have it withhold a message."`
	Anomaly    anomalyCmd    `cmd:"" help:"What is more than chance in what other programs report: list, show, test rules, keep them."`
	Incident   incidentCmd   `cmd:"" help:"What to look into: list, show, take on and close incidents."`
	Event      eventCmd      `cmd:"" help:"Everything that Cordon said: search the event log, show one event."`
	Quarantine quarantineCmd `cmd:"" help:"List, show and review withheld messages."`
	Egress     egressCmd     `cmd:"" help:"Decide what may leave, stop it all, and prove what was decided."`
	Decky      deckyCmd      `cmd:"" help:"Decoy hosts: list, show, add, mutate and remove."`
	Session    sessionCmd    `cmd:"" help:"What clients did on deckies: list, show and replay."`
	Decision   decisionCmd   `cmd:"" help:"The block list, which firewalls pull: list, add and remove."`
	Playbook   playbookCmd   `cmd:"" help:"What is done about which event: list, try, approve, reject and undo."`
	Attacker   attackerCmd   `cmd:"" help:"Who touched deckies, and why it matters."`
	Credential credentialCmd `cmd:"" help:"What clients tried to log in with on deckies."`
	Rules      rulesCmd      `cmd:"" help:"List, try, import and switch detection rules."`
	Webhook    webhookCmd    `cmd:"" help:"Who is told of what, and how that goes."`
	Silence    silenceCmd    `cmd:"" help:"Keep webhooks quiet about something for a while."`
	User       userCmd       `cmd:"" help:"Manage the people who may log in."`
	Apikey     apikeyCmd     `cmd:"" name:"apikey" help:"Manage the keys of programs."`
	Audit      auditCmd      `cmd:"" help:"Who did what, and the proof of it."`
	Backup     backupCmd     `cmd:"" help:"Back up the whole database, verify a backup, restore one."`
	Config     configCmd     `cmd:"" help:"Check and print the configuration."`
	Worker     workerCmd     `cmd:"" help:"List, stop and start the parts of running nodes."`
	Doctor     doctorCmd     `cmd:"" help:"Say what is wrong and what to do about it; exit code 1 when something fails."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
	Completion completionCmd `cmd:"" help:"Print what makes a shell complete commands and flags of cordon."`
	Complete   completeCmd   `cmd:"" hidden:"" help:"What the scripts of completion ask."`
}

// Global are the flags of every command.
type Global struct {
	Config  string           `placeholder:"FILE" env:"CORDON_CONFIG" help:"Configuration file."`
	Data    string           `placeholder:"DIR" help:"Data directory; overrides the configuration."`
	Server  string           `placeholder:"URL" env:"CORDON_SERVER" help:"Ask this server, by CORDON_API_KEY."`
	Format  string           `enum:"text,json,jsonl,sarif,csv,junit,html" default:"text" help:"text, json or jsonl; of scan also sarif, csv, junit or html."`
	Wide    bool             `help:"Show tables whole on a terminal that is too narrow for them."`
	Version kong.VersionFlag `short:"V" name:"version" help:"Print the version."`
}

// apiKeyVariable holds the API key that --server needs.
const apiKeyVariable = "CORDON_API_KEY"

// session is one run of one command.
type session struct {
	Deps
	global Global
}

// config reads the configuration that the flags name.
func (s *session) config() (*config.Config, error) {
	lookup := s.Lookup
	if s.global.Data != "" {
		lookup = overriding("CORDON_DATA_DIR", s.global.Data, s.Lookup)
	}
	if s.global.Config == "" {
		return config.Default("", lookup)
	}
	return config.Load(s.global.Config, lookup)
}

func overriding(name, value string, lookup func(string) (string, bool)) func(string) (string, bool) {
	return func(n string) (string, bool) {
		if n == name {
			return value, true
		}
		return lookup(n)
	}
}

// connect opens the API this command is a client of. offline says that the
// command makes sense without a running server.
func (s *session) connect(ctx context.Context, offline bool) (*client.Client, func() error, error) {
	if s.global.Server != "" {
		key, ok := s.Lookup(apiKeyVariable)
		if !ok || key == "" {
			return nil, nil, usageError("--server needs an API key in CORDON_API_KEY; cordon apikey create makes one")
		}
		c, err := client.New(client.Options{BaseURL: s.global.Server, APIKey: key})
		if err != nil {
			return nil, nil, usageError("--server: %v", err)
		}
		return c, func() error { return nil }, nil
	}
	cfg, err := s.config()
	if err != nil {
		return nil, nil, err
	}
	if offline {
		s.noteNew(cfg.Data.Dir)
	}
	return s.Local(ctx, cfg, offline)
}

// noteNew says that a data directory will be made: who misspelt the name of his own
// would wonder where everything has gone.
func (s *session) noteNew(dir string) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		s.complain(fmt.Sprintf("there was no data directory %s, so this is a new one; if yours is another, give it as --data", dir))
	}
}

// withClient runs f against the API and closes the connection.
func (s *session) withClient(ctx context.Context, offline bool, f func(*client.Client) error) error {
	c, done, err := s.connect(ctx, offline)
	if err != nil {
		return err
	}
	err = f(c)
	if closeErr := done(); err == nil && closeErr != nil {
		err = fmt.Errorf("closing: %w", closeErr)
	}
	return err
}
