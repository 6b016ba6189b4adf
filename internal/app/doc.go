// Package app wires the house together and owns its life: what starts, in
// which order, and how it stops. It is the only package that knows concrete
// types; everything else meets in interfaces.
//
// Plugins (kinds of sources, formats of webhooks) are listed in plugins_*.go:
// one line each.
//
// Level 4: it may import everything but cmd.
package app
