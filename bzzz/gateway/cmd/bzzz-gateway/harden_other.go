//go:build !linux

package main

// harden does nothing: turning core dumps off is left to the service manager.
func harden() error { return nil }
