//go:build !linux

package app

func limitsChild() int { return 1 }
