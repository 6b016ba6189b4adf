// Command gen writes docs/event-catalog.md from the event catalogue and the
// comments on the payloads' fields. Run it from the repository's root:
//
//	go run ./internal/event/gen
package main

import (
	"fmt"
	"os"
)

// The paths are relative to the repository's root.
const (
	payloadFiles = "internal/event/payload*.go"
	outputFile   = "docs/event-catalog.md"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	page, err := render(payloadFiles)
	if err != nil {
		return err
	}
	if err := os.WriteFile(outputFile, page, 0o644); err != nil {
		return fmt.Errorf("writing catalogue: %w", err)
	}
	return nil
}
