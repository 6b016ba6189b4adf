package app

import (
	"context"
	"os"

	"go.cordon.dev/cordon/internal/cli"
)

// version is set by the linker (see the Makefile).
var version = "dev"

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	return cli.Main(context.Background(), args, cli.Deps{
		Serve:   Serve,
		Local:   local,
		Restore: restore,
		Rotate:  rotateKey,
		Check:   checkConfig,
		Conceal: conceal,
		Version: version,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Lookup:  os.LookupEnv,
	})
}
