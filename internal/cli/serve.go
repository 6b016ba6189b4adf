package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/config"
)

type serveCmd struct {
	Listen string   `placeholder:"HOST:PORT" help:"Address of the API and the dashboard; overrides the configuration."`
	Watch  []string `placeholder:"KIND:PATH" sep:"none" help:"Also watch this: hypercore, bzzz-log, dir, file, or stdin:-. May be given again."`
}

func (c *serveCmd) Run(ctx context.Context, s *session) error {
	if c.Listen != "" {
		s.Lookup = overriding("CORDON_API_LISTEN", c.Listen, s.Lookup)
	}
	load := func() (*config.Config, error) { return c.load(s) }
	cfg, err := load()
	if err != nil {
		return codeError{exitUsage, err.Error()}
	}
	o := ServeOptions{Config: cfg, FromFile: s.global.Config != "", File: s.global.Config}
	if o.FromFile {
		o.Load = load
	}
	return s.Serve(ctx, o)
}

// load reads the configuration and adds what the command line says.
func (c *serveCmd) load(s *session) (*config.Config, error) {
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	for _, w := range c.Watch {
		if err := addWatch(cfg, w); err != nil {
			return nil, err
		}
	}
	return cfg, nil
}

func addWatch(cfg *config.Config, watch string) error {
	kind, path, ok := strings.Cut(watch, ":")
	if !ok || path == "" {
		return usageError("--watch %q is not KIND:PATH, such as hypercore:/logs/current.log", watch)
	}
	if !slices.Contains(config.SourceKinds(), kind) {
		return usageError("--watch %q: kind %q is not one of %s", watch, kind, strings.Join(config.SourceKinds(), ", "))
	}
	path, err := absolute(kind, path)
	if err != nil {
		return usageError("--watch %q: %v", watch, err)
	}
	if cfg.Leak == nil {
		cfg.Leak = &config.Leak{}
	}
	cfg.Leak.Sources = append(cfg.Leak.Sources, config.Source{ID: watchID(kind, path), Kind: kind, Path: path})
	return nil
}

// absolute leaves - (standard input) and what is no path as it is.
func absolute(kind, path string) (string, error) {
	if path == "-" || kind == "hypercore-peer" {
		return path, nil
	}
	return filepath.Abs(path)
}

// watchID gives a path the same id at every start, because positions are
// stored under it.
func watchID(kind, path string) string {
	name := strings.Trim(regexp.MustCompile(`[^A-Za-z0-9_-]+`).ReplaceAllString(filepath.Base(path), "-"), "-_")
	sum := sha256.Sum256([]byte(kind + ":" + path))
	return strings.Trim(kind+"-"+name[:min(len(name), 40)], "-_") + "-" + hex.EncodeToString(sum[:3])
}
