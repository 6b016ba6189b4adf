package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTablesAreReadFromTheMigrations(t *testing.T) {
	byName := map[string]Table{}
	for _, table := range Tables() {
		if len(table.Key) == 0 || len(table.Columns) == 0 {
			t.Errorf("%s has the columns %v and the key %v", table.Name, table.Columns, table.Key)
		}
		byName[table.Name] = table
	}
	want := Table{"quarantine_minutes", []Column{{Name: "minute", Kind: "int"}, {Name: "severity", Kind: "rank"}, {Name: "total", Kind: "int"}}, []string{"minute", "severity"}}
	if diff := cmp.Diff(want, byName[want.Name]); diff != "" {
		t.Error(diff)
	}
	want = Table{"event_cursors", []Column{{Name: "consumer", Kind: "key"}, {Name: "day", Kind: "day"}, {Name: "seq", Kind: "int"}, {Name: "updated_at", Kind: "time"}}, []string{"consumer"}}
	if diff := cmp.Diff(want, byName[want.Name]); diff != "" {
		t.Error(diff)
	}
	if _, ok := byName["sessions"]; ok {
		t.Error("a table that was dropped is listed")
	}
}
