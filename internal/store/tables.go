package store

import (
	"regexp"
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

var (
	createTable = regexp.MustCompile(`(?s)^CREATE TABLE IF NOT EXISTS (\w+) \((.*)\)$`)
	dropTable   = regexp.MustCompile(`^DROP TABLE IF EXISTS (\w+)$`)
	columnForm  = regexp.MustCompile(`^(\w+)\s+\{(\w+)\}(.*)$`)
	keyForm     = regexp.MustCompile(`^PRIMARY KEY \((.*)\)$`)
)

// SchemaVersion is the number of the newest migration.
func SchemaVersion() int { return len(migrations()) }

// Tables lists the tables that there are after all migrations, in the order in
// which they were made.
func Tables() []Table {
	var all []Table
	for _, m := range migrations() {
		for _, statement := range m.statements {
			if parts := dropTable.FindStringSubmatch(statement); parts != nil {
				all = slices.DeleteFunc(all, func(t Table) bool { return t.Name == parts[1] })
			}
			if parts := createTable.FindStringSubmatch(strings.TrimSpace(statement)); parts != nil {
				all = append(all, parseTable(parts[1], parts[2]))
			}
		}
	}
	return all
}

// parseTable reads the lines between the parentheses of CREATE TABLE.
func parseTable(name, body string) Table {
	t := Table{Name: name}
	for _, part := range splitTop(body) {
		part = strings.TrimSpace(part)
		if key := keyForm.FindStringSubmatch(part); key != nil {
			for _, c := range strings.Split(key[1], ",") {
				t.Key = append(t.Key, strings.TrimSpace(c))
			}
		}
		if c := columnForm.FindStringSubmatch(part); c != nil {
			t.Columns = append(t.Columns, Column{Name: c[1], Kind: c[2], Null: !strings.Contains(c[3], "NOT NULL")})
			if strings.Contains(c[3], "PRIMARY KEY") {
				t.Key = append(t.Key, c[1])
			}
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
