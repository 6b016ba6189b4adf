package app

import (
	"slices"

	"go.cordon.dev/cordon/internal/ingest/parse"
	"go.cordon.dev/cordon/internal/ingest/parse/nginx"
	"go.cordon.dev/cordon/internal/ingest/parse/pam"
	"go.cordon.dev/cordon/internal/ingest/parse/sshd"
)

// parsers lists the parsers of other programs' logs.
func parsers() []parse.Plugin {
	return []parse.Plugin{
		nginx.Plugin(),
		pam.Plugin(),
		sshd.Plugin(),
	}
}

// parsersOf are those that the configuration names; all if it names none.
func parsersOf(names []string) []parse.Plugin {
	return slices.DeleteFunc(parsers(), func(p parse.Plugin) bool { return len(names) > 0 && !slices.Contains(names, p.Name) })
}
