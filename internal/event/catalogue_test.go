package event

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestPayloadsAsJSON holds the wire shape of every payload. A renamed or
// removed field breaks subscribers: only additions may change these files.
func TestPayloadsAsJSON(t *testing.T) {
	for _, entry := range Catalogue() {
		t.Run(entry.Name, func(t *testing.T) {
			got, err := json.MarshalIndent(entry.Example, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := filepath.Join("testdata", entry.Name+".json")
			if *update {
				write(t, golden, got)
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("payload differs from %s (-golden +now); run with -update after adding a field:\n%s", golden, diff)
			}
			roundTrip(t, entry.Example, want)
		})
	}
}

// roundTrip checks that text decodes into a payload of p's type without
// unknown fields and encodes to the same bytes.
func roundTrip(t *testing.T, p Payload, text []byte) {
	t.Helper()
	fresh := reflect.New(reflect.TypeOf(p))
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(fresh.Interface()); err != nil {
		t.Fatal(err)
	}
	again, err := json.MarshalIndent(fresh.Interface(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)+"\n"); diff != "" {
		t.Errorf("payload does not survive decoding:\n%s", diff)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEveryGoldenFileHasAPayload(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(Catalogue()) {
		t.Errorf("%d golden files for %d entries of the catalogue", len(files), len(Catalogue()))
	}
}

func TestCatalogueIsTrue(t *testing.T) {
	for _, entry := range Catalogue() {
		topic, err := entry.Example.Topic()
		if err != nil {
			t.Errorf("%s: %v", entry.Name, err)
			continue
		}
		if err := CheckPattern(entry.Pattern); err != nil || !Match(entry.Pattern, topic) {
			t.Errorf("%s: pattern %q does not match its own example %q (%v)", entry.Name, entry.Pattern, topic, err)
		}
		if got := strings.Count(entry.Topic, "."); got != strings.Count(topic, ".") {
			t.Errorf("%s: topic %q has another shape than %q", entry.Name, entry.Topic, topic)
		}
		if got := reflect.TypeOf(entry.Example).Name(); got != entry.Name || entry.Purpose == "" {
			t.Errorf("%s: example is a %s, purpose %q", entry.Name, got, entry.Purpose)
		}
		if entry.Example.Schema() < 1 {
			t.Errorf("%s: schema %d", entry.Name, entry.Example.Schema())
		}
	}
}
