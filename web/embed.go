//go:build !noui

// Package web holds the dashboard: a React application whose sources live
// beside this file and whose build, web/dist, is embedded into the binary.
//
// Build it with `npm ci && npm run build` in this folder; until then the
// embedded tree holds no index.html and the server shows a plain page instead.
// The build tag noui leaves the dashboard out altogether.
//
// It may import the standard library only.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dashboard returns the built files with index.html at the root, or a tree
// without index.html when the dashboard was not built.
func Dashboard() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // only an invalid path can do this, and "dist" is valid
		return dist
	}
	return sub
}
