package store

import (
	"slices"
	"strings"
)

// Table is a table of the schema, as the migrations say it. Nothing else lists
// tables, so that none can be forgotten where all are meant.
type Table struct {
	Name    string
	Columns []Column
	Key     []string // names of the primary key's columns
}

// Column is a column of a table. Kind is what its type is called in
// migrations, without braces: id, key, text, json, bytes, int, rank, real,
// bool, time or day.
type Column struct {
	Name, Kind string
	Null       bool // may be null
}

// SchemaVersion is the number of the newest migration.
func SchemaVersion() int { return len(migrations()) }

// Tables lists the tables that there are after all migrations, in the order in
// which they were made.
func Tables() []Table {
	var all []Table
	for _, m := range migrations() {
		for _, statement := range m.statements {
			if name, ok := strings.CutPrefix(statement, "DROP TABLE IF EXISTS "); ok {
				all = slices.DeleteFunc(all, func(t Table) bool { return t.Name == name })
			}
			if rest, ok := strings.CutPrefix(statement, "CREATE TABLE IF NOT EXISTS "); ok {
				name, body, _ := strings.Cut(rest, " (")
				all = append(all, parseTable(name, strings.TrimSuffix(strings.TrimSpace(body), ")")))
			}
			if added, ok := addition(statement); ok {
				i := slices.IndexFunc(all, func(t Table) bool { return t.Name == added.Name })
				all[i].Columns = append(all[i].Columns, added.Columns...)
			}
		}
	}
	return all
}

// addition is the table to which a statement adds a column, with that column alone.
func addition(statement string) (Table, bool) {
	rest, ok := strings.CutPrefix(statement, "ALTER TABLE ")
	name, column, added := strings.Cut(rest, " ADD COLUMN IF NOT EXISTS ")
	return parseTable(name, column), ok && added
}

// parseTable reads what stands between the parentheses of CREATE TABLE.
func parseTable(name, body string) Table {
	t := Table{Name: name}
	for _, part := range splitTop(body) {
		part = strings.TrimSpace(part)
		if key, ok := strings.CutPrefix(part, "PRIMARY KEY ("); ok {
			for c := range strings.SplitSeq(strings.TrimSuffix(key, ")"), ",") {
				t.Key = append(t.Key, strings.TrimSpace(c))
			}
		}
		column, rest, _ := strings.Cut(part, " ")
		kind, options, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(rest), "{"), "}")
		if !ok {
			continue // a constraint: it names no type
		}
		t.Columns = append(t.Columns, Column{Name: column, Kind: kind, Null: !strings.Contains(options, "NOT NULL")})
		if strings.Contains(options, "PRIMARY KEY") {
			t.Key = append(t.Key, column)
		}
	}
	return t
}

// splitTop splits at commas that stand in no parentheses.
func splitTop(s string) (parts []string) {
	depth, from := 0, 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			parts, from = append(parts, s[from:i]), i+1
		}
	}
	return append(parts, s[from:])
}
