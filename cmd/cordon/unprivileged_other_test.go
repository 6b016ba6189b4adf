//go:build !linux

package main

// unprivileged is for Linux.
func unprivileged() {}
