package config

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// maxFile bounds the configuration file, in bytes.
const maxFile = 4 << 20

// Load reads the file at path and lets the environment override it. lookup is
// os.LookupEnv, or a test's stand-in.
func Load(path string, lookup func(string) (string, bool)) (*Config, error) {
	b, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading configuration: %w; cordon config print > %s writes one to begin with", err, path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	c, err := Parse(b, lookup)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return b, err
}

// Parse reads a configuration, applies the environment, fills in defaults and
// checks the whole. Errors name the line and column, never a value.
func Parse(b []byte, lookup func(string) (string, bool)) (*Config, error) {
	c := &Config{Sum: sha256.Sum256(b)}
	if err := decode(b, c); err != nil {
		return nil, err
	}
	return finish(c, lookup)
}

// Default is the configuration of `cordon serve` without a file: everything on
// loopback, and a watched drop folder beside the data directory.
func Default(dataDir string, lookup func(string) (string, bool)) (*Config, error) {
	c := &Config{Data: Data{Dir: dataDir}, Egress: &Egress{DNS: &EgressDNS{}}, Deception: &Deception{Deckies: DemoDeckies()}}
	c, err := finish(c, lookup)
	if err != nil {
		return nil, err
	}
	if c.Leak == nil {
		c.Leak = &Leak{Sources: []Source{{ID: DropID, Kind: "dir", Path: DropFolder(c.Data.Dir)}}}
	}
	return c, nil
}

// DropID names the source of the watched drop folder.
const DropID = "drop"

// DropFolder is the watched folder of a server without a configuration. It
// stands beside the data directory, not in it: what people drop may hold
// secrets, and the data directory never does.
func DropFolder(dataDir string) string { return filepath.Clean(dataDir) + "-drop" }

func decode(b []byte, into any) error {
	err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(into)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	// Without the source excerpt: the lines around an error may hold a secret.
	return errors.New(yaml.FormatError(err, false, false) + hint(b, into, err))
}

func finish(c *Config, lookup func(string) (string, bool)) (*Config, error) {
	written := c.Store.URL
	if err := applyEnv(c, lookup); err != nil {
		return nil, err
	}
	if c.Store.URL == written && hasPassword(written) {
		c.warn("store.url stands in the file with its password; better file:PATH or env:NAME")
	}
	if err := c.resolveStore(); err != nil {
		return nil, err
	}
	if err := c.resolveBus(); err != nil {
		return nil, err
	}
	if c.Data.Dir == "" {
		c.Data.Dir = defaultDataDir(lookup, os.Geteuid())
	}
	if c.API.Listen == "" {
		c.API.Listen = DefaultListen
	}
	if c.Store.URL == "" {
		c.Store.URL = "sqlite:" + filepath.Join(c.Data.Dir, "cordon.db")
	}
	c.fillEgress()
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

func defaultDataDir(lookup func(string) (string, bool), euid int) string {
	if dir, ok := lookup("XDG_STATE_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "cordon")
	}
	if home, ok := lookup("HOME"); ok && filepath.IsAbs(home) && euid != 0 {
		return filepath.Join(home, ".local", "state", "cordon")
	}
	return "/var/lib/cordon"
}
