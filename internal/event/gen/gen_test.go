package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

func TestCatalogPageIsFresh(t *testing.T) {
	want, err := render("../payload*.go")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "..", outputFile))
	if err != nil || string(got) != string(want) {
		t.Errorf("%s is stale (%v): run go run ./internal/event/gen", outputFile, err)
	}
}

func TestPageTellsEveryFieldOfEveryPayload(t *testing.T) {
	fields, err := structs("../payload*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range event.Catalogue() {
		told := map[string]bool{}
		for _, f := range fields[entry.Name] {
			told[f.name] = true
		}
		text, err := json.Marshal(entry.Example)
		if err != nil {
			t.Fatal(err)
		}
		var sent map[string]any
		if err := json.Unmarshal(text, &sent); err != nil {
			t.Fatal(err)
		}
		for name := range sent {
			if !told[name] {
				t.Errorf("%s: field %q is sent but not documented", entry.Name, name)
			}
		}
	}
}

func TestFieldWithoutCommentIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "payload.go")
	source := "package p\ntype Beat struct {\n\tWorker string `json:\"worker\"`\n}\n"
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := structs(path); err == nil || !strings.Contains(err.Error(), "Beat.Worker") {
		t.Errorf("error %v does not name the field", err)
	}
}
