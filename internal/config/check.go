package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	idForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	nodeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$`)
)

// SourceKinds are the kinds that leak.sources takes: those of the lists in
// internal/app, whose test compares.
func SourceKinds() []string {
	return []string{"bzzz-log", "dir", "file", "hypercore", "hypercore-peer", "stdin"}
}

// check reports everything that is wrong, not only the first thing.
func (c *Config) check() error {
	errs := []error{c.checkNode(), c.checkAPI(), c.checkStore(), c.checkBus(), c.checkLog(), c.checkAnomaly(), c.checkRespond()}
	if c.Leak != nil {
		errs = append(errs, c.checkLeak())
	}
	if c.Egress != nil {
		errs = append(errs, c.checkEgress())
	}
	if c.Deception != nil {
		errs = append(errs, c.checkDeception())
	}
	if c.Ingest != nil {
		errs = append(errs, c.checkIngest())
	}
	if c.Notify != nil {
		errs = append(errs, c.checkNotify())
	}
	if c.Fingerprint.Key.Inline() {
		errs = append(errs, errors.New("fingerprint.key: give the installation key as file:PATH or env:NAME, not inline"))
	}
	if c.Fingerprint.SealingKey.Inline() {
		errs = append(errs, errors.New("fingerprint.sealing_key: give it as file:PATH or env:NAME, not inline"))
	}
	return errors.Join(errs...)
}

func (c *Config) checkNode() error {
	if name := c.Node.Name; name != "" && !nodeForm.MatchString(name) {
		return fmt.Errorf("node.name: %q is not 1 to 127 letters, digits, dots, - or _", name)
	}
	return nil
}

func (c *Config) checkLog() error {
	if !slices.Contains([]string{"", "debug", "info", "warn", "error"}, c.Log.Level) {
		return fmt.Errorf("log.level: %q is not one of debug, info, warn, error", c.Log.Level)
	}
	if !slices.Contains([]string{"", "json", "text"}, c.Log.Format) {
		return fmt.Errorf("log.format: %q is not json or text", c.Log.Format)
	}
	return nil
}

func (c *Config) checkLeak() error {
	var errs []error
	seen := map[string]bool{}
	for i, s := range c.Leak.Sources {
		at := fmt.Sprintf("leak.sources[%d]", i)
		errs = append(errs, checkID(at, s.ID, seen), s.Policy.check(at+".policy"), s.MessageTypes.check(at))
		switch {
		case s.Kind == "" || s.Path == "":
			errs = append(errs, fmt.Errorf("%s: kind and path are mandatory", at))
		case !slices.Contains(SourceKinds(), s.Kind):
			errs = append(errs, fmt.Errorf("%s.kind: %q is not one of %s", at, s.Kind, strings.Join(SourceKinds(), ", ")))
		}
		if s.EncryptionKey.Inline() {
			c.warn("%s.encryption_key stands in the file; better file:PATH or env:NAME", at)
		}
	}
	errs = append(errs, c.Leak.Policy.check("leak.policy"))
	return errors.Join(errs...)
}

func checkID(at, id string, seen map[string]bool) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("%s.id: %q is not 1 to 64 letters, digits, - or _", at, id)
	}
	if seen[id] {
		return fmt.Errorf("%s.id: %q is taken by an earlier entry", at, id)
	}
	seen[id] = true
	return nil
}

func (c *Config) warn(format string, args ...any) {
	c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...))
}
