//go:build noui

// Package web holds the dashboard; this build (tag noui) leaves it out.
package web

import (
	"embed"
	"io/fs"
)

// Dashboard returns an empty tree.
func Dashboard() fs.FS { return embed.FS{} }
