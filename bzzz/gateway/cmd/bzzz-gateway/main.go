// Command bzzz-gateway stands between nodes of a BZZZ network and passes on what
// holds no secret. Its settings are those of package settings; --help lists the
// flags. Logs go to stderr; stdout gets one line of JSON with the addresses when
// both sides listen.
//
// Exit codes: 0 stopped, 2 usage, 3 runtime error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"go.cordon.dev/cordon/bzzz/gateway"
	"go.cordon.dev/cordon/bzzz/gateway/report"
	"go.cordon.dev/cordon/bzzz/gateway/settings"
)

func main() { os.Exit(run()) }

func run() int {
	s, err := settings.Load(os.Args[1:], os.Getenv, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bzzz-gateway:", err)
		return 2
	}
	if err := harden(); err != nil {
		fmt.Fprintln(os.Stderr, "bzzz-gateway:", err)
		return 3
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = gateway.Run(ctx, gateway.Deps{
		Settings: s, Getenv: os.Getenv, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Version: version(), Ready: ready,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "bzzz-gateway:", err)
		return 3
	}
	return 0
}

func ready(listeners []report.Listener) {
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"listeners": listeners}) // whoever wants them reads them
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "dev"
	}
	return info.Main.Version
}
