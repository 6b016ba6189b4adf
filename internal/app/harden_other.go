//go:build !linux

package app

// harden does nothing here: non-dumpable processes are a Linux feature, and
// docs/threat-model.md says so.
func harden() error { return nil }

// conceal does nothing here, likewise.
func conceal() error { return nil }
