package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.cordon.dev/cordon/internal/config"
)

type configCmd struct {
	Check     configCheckCmd     `cmd:"" help:"Say whether the configuration is good, and what is wrong where."`
	Print     configPrintCmd     `cmd:"" help:"Print the configuration in force, secrets redacted."`
	Schema    configSchemaCmd    `cmd:"" help:"Print the JSON Schema of cordon.yaml."`
	RotateKey configRotateKeyCmd `cmd:"" name:"rotate-key" help:"Replace the installation key; the server must not be running."`
	Reload    configReloadCmd    `cmd:"" help:"Make the running server read its configuration file again."`
}

type configCheckCmd struct {
	File string `arg:"" optional:"" help:"The file; default: --config."`
}

func (c *configCheckCmd) Run(ctx context.Context, s *session) error {
	if c.File != "" {
		s.global.Config = c.File
	}
	cfg, err := s.config()
	if err != nil {
		return codeError{exitFindings, err.Error()}
	}
	hooks, hooksErr := checkWebhooks(cfg)
	files, filesErr := s.Check(ctx, cfg)
	err = errors.Join(hooksErr, filesErr)
	warnings := slices.Concat([]string{}, cfg.Warnings, hooks, files)
	for _, w := range warnings {
		fmt.Fprintln(sentences(onScreen(s.Stderr, false)), "warning:", w)
	}
	if err != nil {
		return codeError{exitFindings, err.Error()}
	}
	return emit(s, configChecked{true, warnings}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, "ok")
		return err
	})
}

// configChecked is what a program is told of a good configuration.
type configChecked struct {
	OK       bool     `json:"ok"`
	Warnings []string `json:"warnings"`
}

type configPrintCmd struct{}

func (configPrintCmd) Run(s *session) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if s.global.Format != "text" {
		b, err := cfg.PrintJSON()
		if err != nil {
			return err
		}
		return emit(s, json.RawMessage(b), nil)
	}
	b, err := cfg.Print()
	if err != nil {
		return err
	}
	_, err = s.Stdout.Write(b)
	return err
}

type configSchemaCmd struct{}

func (configSchemaCmd) Run(s *session) error {
	b, err := config.Schema()
	if err != nil {
		return err
	}
	_, err = s.Stdout.Write(b)
	return err
}

type configRotateKeyCmd struct{}

func (configRotateKeyCmd) Run(ctx context.Context, s *session) error {
	if s.global.Server != "" {
		return usageError("rotate-key works on the data directory of this machine, not on --server")
	}
	cfg, err := s.config()
	if err != nil {
		return err
	}
	was, now, err := s.Rotate(ctx, cfg)
	if err != nil {
		return fmt.Errorf("replacing the installation key: %w", err)
	}
	_, err = fmt.Fprintf(s.Stdout, "key %s replaces %s, which is kept for looking up what was stored under it\n", now, was)
	return err
}
