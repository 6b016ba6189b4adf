package cli

import (
	"fmt"

	"go.cordon.dev/cordon/internal/config"
)

type configCmd struct {
	Check  configCheckCmd  `cmd:"" help:"Say whether the configuration is good, and what is wrong where."`
	Print  configPrintCmd  `cmd:"" help:"Print the configuration in force, secrets redacted."`
	Schema configSchemaCmd `cmd:"" help:"Print the JSON Schema of cordon.yaml."`
	Reload configReloadCmd `cmd:"" help:"Make the running server read its configuration file again."`
}

type configCheckCmd struct {
	File string `arg:"" optional:"" help:"The file; default: --config."`
}

func (c *configCheckCmd) Run(s *session) error {
	if c.File != "" {
		s.global.Config = c.File
	}
	cfg, err := s.config()
	if err != nil {
		return codeError{exitFindings, err.Error()}
	}
	for _, w := range cfg.Warnings {
		fmt.Fprintln(s.Stderr, "warning:", w)
	}
	_, err = fmt.Fprintln(s.Stdout, "ok")
	return err
}

type configPrintCmd struct{}

func (configPrintCmd) Run(s *session) error {
	cfg, err := s.config()
	if err != nil {
		return err
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
