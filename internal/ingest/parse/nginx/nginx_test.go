package nginx

import (
	"flag"
	"testing"

	"go.cordon.dev/cordon/internal/ingest/parse/parsetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestConformance(t *testing.T) { parsetest.Run(t, Plugin(), *update) }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, Plugin()) }
