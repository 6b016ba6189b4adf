package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/host"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/egress/policies"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/rules"
)

// checkConfig tries what a start tries of a configuration beyond its text and needs
// neither a database nor a port: what the files that it names hold, and the settings of
// plugins. A file that is not here, or not for whoever checks, is a warning: the
// configuration may be another machine's.
func checkConfig(ctx context.Context, c *config.Config) (warnings []string, err error) {
	var wrong []error
	for _, check := range []func(context.Context, *config.Config) error{
		checkCertificates, checkRuleFiles, checkOwnSecrets, checkSourceKinds, checkServices,
		func(_ context.Context, c *config.Config) error {
			_, err := readAnomalyRules(c.Anomaly.Rules)
			return err
		},
		func(_ context.Context, c *config.Config) error {
			_, err := readPlaybooks(c.Respond.Playbooks)
			return err
		},
	} {
		err := check(ctx, c)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
			warnings = append(warnings, "a server needs what was not looked at: "+err.Error())
		case err != nil:
			wrong = append(wrong, err)
		}
	}
	if err := checkPolicy(c); err != nil {
		warnings = append(warnings, err.Error())
	}
	if err := checkRules(ctx, rules.Config{Disable: rulesOf(c.Leak).Disable}); err != nil && len(rulesOf(c.Leak).Files) == 0 {
		warnings = append(warnings, err.Error()+", unless an operator added it")
	}
	return warnings, errors.Join(wrong...)
}

func checkCertificates(_ context.Context, c *config.Config) error {
	if c.API.TLS.On() {
		if _, err := httpx.LoadCertificate(c.API.TLS.Cert, c.API.TLS.Key, nil); err != nil {
			return fmt.Errorf("api.tls: %w", err)
		}
	}
	if c.Ingest == nil {
		return nil
	}
	_, err := syslogTLS(c.Ingest.Syslog.TLS, slog.New(slog.DiscardHandler))
	return err
}

// checkRuleFiles reads the rules beside the builtin ones.
func checkRuleFiles(ctx context.Context, c *config.Config) error {
	return checkRules(ctx, rules.Config{Files: rulesOf(c.Leak).Files})
}

// checkRules makes the detection rules as if operators had changed none: what they did,
// and which rules they added, is in a database.
func checkRules(ctx context.Context, conf rules.Config) error {
	m, err := rules.New(rules.Deps{Store: noRows{}, Node: "check", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return m.Check(ctx, conf)
}

// noRows is a store of rules that holds none. Nothing else is asked of it.
type noRows struct{ rules.Store }

func (noRows) Rules(context.Context) ([]rules.Row, error) { return nil, nil }

// checkPolicy reads the egress policy, if there is a file: the first one is written by
// a running server. A mistake in it keeps no server from starting: what it watches else
// is watched, and nothing leaves that the last good policy does not let out.
func checkPolicy(c *config.Config) error {
	if c.Egress == nil {
		return nil
	}
	text, err := os.ReadFile(c.Egress.Policy)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = policies.Parse(text)
	}
	if err != nil {
		return fmt.Errorf("egress.policy: %s: %w", c.Egress.Policy, err)
	}
	return nil
}

// checkOwnSecrets looks for the files whose secrets are never to leave.
func checkOwnSecrets(_ context.Context, c *config.Config) error {
	if c.Egress == nil {
		return nil
	}
	for i, file := range c.Egress.Own.Files {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("egress.own_secrets.files[%d]: %w", i, err)
		}
	}
	return nil
}

func checkSourceKinds(_ context.Context, c *config.Config) error {
	var wrong []error
	for i, s := range sourcesOf(c.Leak) {
		if _, err := newSource(&peerLinks{}, s, noMarks{}); err != nil {
			wrong = append(wrong, fmt.Errorf("leak.sources[%d] (%s): %w", i, s.ID, err))
		}
	}
	return errors.Join(wrong...)
}

// noMarks and what follows stand for what is asked only while a server runs.
type noMarks struct{ source.Marker }
type noVault struct{ host.Vault }
type noSink struct{}

func (noSink) Take(service.Observation) {}

// checkServices makes the services of deckies, which opens nothing.
func checkServices(_ context.Context, c *config.Config) error {
	if c.Deception == nil || len(c.Deception.Deckies) == 0 {
		return nil
	}
	log := slog.New(slog.DiscardHandler)
	hosts, err := host.New(host.Deps{Vault: noVault{}, Log: log})
	if err != nil {
		return err
	}
	fleet, err := deception.New(deception.Deps{Kinds: serviceKinds(hosts), Sink: noSink{}, Log: log})
	if err != nil {
		return err
	}
	if err := fleet.Check(deckySpecs(c.Deception.Deckies)); err != nil {
		return fmt.Errorf("deception.deckies: %w", err)
	}
	return nil
}
