package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

// gatewayProgram is the gateway's name. It is built from the module bzzz/gateway.
const gatewayProgram = "bzzz-gateway"

// bzzzGatewayCmd runs the gateway; its flags are the gateway's own.
type bzzzGatewayCmd struct {
	Args []string `arg:"" optional:"" name:"flag" help:"What bzzz-gateway is given, such as --config bzzz.yaml, or --help."`
}

func (c *bzzzGatewayCmd) Run(ctx context.Context, s *session) error {
	program, err := findGateway()
	if err != nil {
		return err
	}
	args := c.Args
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = s.Stdout, s.Stderr
	return runInPlace(context.WithoutCancel(ctx), cmd) // it is told to stop by the signal, and takes its time
}

// findGateway is where the gateway's program is: beside this one, or on PATH.
func findGateway() (string, error) {
	if own, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(own), gatewayProgram)
		if found, err := exec.LookPath(beside); err == nil {
			return found, nil
		}
	}
	found, err := exec.LookPath(gatewayProgram)
	if err != nil {
		return "", codeError{exitNotFound, fmt.Sprintf("%s is neither beside cordon nor on PATH (%v).\n"+
			"It is a program of its own, so that libp2p is not in cordon. In Cordon's source: cd bzzz/gateway && go build -o %s ./cmd/%s\n"+
			"Put it beside cordon, or in a folder of PATH. docs/bzzz.md says how to deploy it.", gatewayProgram, errors.Unwrap(err), gatewayProgram, gatewayProgram)}
	}
	return found, nil
}

// runInPlace runs a program as if it were this one: it gets the signals, and its exit
// code is passed on.
func runInPlace(ctx context.Context, cmd *exec.Cmd) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, passedOn()...)
	defer signal.Stop(signals)
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return codeError{exitNotStarted, fmt.Sprintf("starting %s: %v", cmd.Path, err)}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			_ = cmd.Process.Signal(sig) // who has gone gets none
		case <-ctx.Done():
			_ = cmd.Process.Kill()
		case err := <-ended:
			if code := exitOf(cmd.ProcessState); code != 0 {
				return codeError{code: code}
			}
			return err
		}
	}
}
