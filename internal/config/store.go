package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Store is the database.
type Store struct {
	URL       string    `yaml:"url,omitempty" jsonschema:"description=sqlite:PATH\\, postgres://USER:PASSWORD@HOST:PORT/DATABASE or mysql://USER:PASSWORD@HOST:PORT/DATABASE (MariaDB)\\, or env: or file: of it. Default: cordon.db in the data directory."`
	Retention Retention `yaml:"retention,omitempty" jsonschema:"description=How long rows are kept\\, in days; 0: for ever. The audit log is always kept."`
}

// Retention is how long rows are kept, in days. Nil is the default, 0 for ever.
type Retention struct {
	Events     *int `yaml:"events,omitempty" jsonschema:"minimum=0,description=The event log. Default 90."`
	Findings   *int `yaml:"findings,omitempty" jsonschema:"minimum=0,description=Findings\\, and anomalies that are over. Default 365."`
	Quarantine *int `yaml:"quarantine,omitempty" jsonschema:"minimum=0,description=Quarantine entries\\, reviewed or not\\, and closed incidents. Default 365."`
	Deliveries *int `yaml:"deliveries,omitempty" jsonschema:"minimum=0,description=Deliveries that arrived or were given up. Default 30."`
}

// The days that rows are kept unless the file says otherwise.
const (
	DefaultEventDays      = 90
	DefaultFindingDays    = 365
	DefaultQuarantineDays = 365
	DefaultDeliveryDays   = 30
	maxRetentionDays      = 100 * 366
)

// Keep is a time to keep rows: the given days, or the default; 0 is for ever.
func Keep(days *int, otherwise int) time.Duration {
	if days != nil {
		otherwise = *days
	}
	return time.Duration(otherwise) * 24 * time.Hour
}

// serverSchemes begin the URLs of database servers.
func serverSchemes() []string { return []string{"postgres", "postgresql", "mysql", "mariadb"} }

func (c *Config) checkStore() error {
	return errors.Join(checkStoreURL(c.Store.URL), c.Store.Retention.check())
}

// checkStoreURL never repeats what may hold a password.
func checkStoreURL(text string) error {
	const forms = "give sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE or mysql://USER:PASSWORD@HOST:PORT/DATABASE"
	scheme, rest, found := strings.Cut(text, ":")
	switch {
	case !found:
		return fmt.Errorf("store.url: there is no scheme; %s", forms)
	case scheme == "sqlite" && rest != "":
		return nil
	case !slices.Contains(serverSchemes(), scheme):
		return fmt.Errorf("store.url: %q is not supported; %s", scheme+":...", forms)
	}
	if u, err := url.Parse(text); err != nil || len(u.Path) < 2 {
		return fmt.Errorf("store.url: the %s URL cannot be read; %s, with %%XX for special characters in the password", scheme, forms)
	}
	return nil
}

func (r Retention) check() error {
	var errs []error
	for _, k := range []struct {
		name string
		days *int
	}{{"events", r.Events}, {"findings", r.Findings}, {"quarantine", r.Quarantine}, {"deliveries", r.Deliveries}} {
		if k.days != nil && (*k.days < 0 || *k.days > maxRetentionDays) {
			errs = append(errs, fmt.Errorf("store.retention.%s: %d is not a number of days from 0 (for ever) to %d", k.name, *k.days, maxRetentionDays))
		}
	}
	return errors.Join(errs...)
}

// resolveStore follows a reference in store.url.
func (c *Config) resolveStore() error {
	ref := SecretRef(c.Store.URL)
	if c.Store.URL == "" || ref.Inline() {
		return nil
	}
	value, err := ref.Resolve()
	if err != nil {
		return fmt.Errorf("store.url: %w", err)
	}
	c.storeRef, c.Store.URL = c.Store.URL, value.Reveal()
	return nil
}

// shownStore is the store as Print shows it.
func (c *Config) shownStore() Store {
	s := c.Store
	if c.storeRef != "" {
		s.URL = c.storeRef
	} else if scheme, _, _ := strings.Cut(s.URL, ":"); scheme != "sqlite" {
		s.URL = withoutPassword(s.URL)
	}
	return s
}

func withoutPassword(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "[redacted]"
	}
	q := u.Query()
	for name := range q {
		if strings.Contains(name, "password") {
			q.Set(name, "xxxxx")
		}
	}
	u.RawQuery = q.Encode()
	return u.Redacted()
}

// hasPassword reports whether a store URL holds one.
func hasPassword(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		return false
	}
	_, has := u.User.Password()
	return has
}
