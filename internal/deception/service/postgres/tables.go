package postgres

import (
	"fmt"
	"slices"
	"strings"
)

// maxKept bounds what one session keeps, in bytes.
const maxKept = 1 << 20

// What the statements of one message may take: a step, or a byte that they make.
// A real server would go on for hours; ours serves other attackers, too.
const (
	maxEffort  = 16 << 20
	perValue   = 48   // bytes of a value beside its text
	perColumn  = 64   // likewise of a column
	maxColumns = 1600 // of a table, as in the real server
)

// spend counts work.
func (c *client) spend(n int) *problem {
	if c.effort += n; c.effort > maxEffort || !c.settle() {
		return outOfMemory()
	}
	return nil
}

// keep counts what a session keeps.
func (c *client) keep(n int) *problem {
	before := c.kept
	if c.kept += n + 64; c.kept > maxKept || !c.settle() {
		c.kept = before
		return wrong("53100", "fd.c", 2063, "FileWrite", `could not extend file "base/%d/%d": No space left on device`, 16384, 16390)
	}
	return nil
}

func create(p *parser) (*result, *problem) {
	for p.word("or") || p.word("replace") || p.word("temp") || p.word("temporary") || p.word("unlogged") {
	}
	t := p.peek()
	p.i++
	has := func(s string) bool {
		return slices.ContainsFunc(p.toks, func(t token) bool { return t.kind == 'n' && t.text == s })
	}
	switch t.text {
	case "table":
		return p.createTable()
	case "function":
		if i := slices.IndexFunc(p.toks, func(t token) bool { return t.kind == 'n' && t.text == "language" }); i >= 0 && i+1 < len(p.toks) && contains([]string{"c", "internal"}, p.toks[i+1].text) {
			p.c.step("make a function of a library")
			return nil, wrong("42501", "aclchk.c", 3655, "aclcheck_error", "permission denied for language %s", p.toks[i+1].text)
		}
		return done("CREATE FUNCTION")
	case "user", "role":
		p.c.step("make a role")
		if has("superuser") {
			return nil, wrong("42501", "user.c", 254, "CreateRole", "must be superuser to create superusers")
		}
		return nil, wrong("42501", "user.c", 275, "CreateRole", "permission denied to create role")
	case "extension":
		for p.word("if") || p.word("not") || p.word("exists") {
		}
		n, _ := p.ident()
		return nil, wrong("42501", "extension.c", 1040, "execute_extension_script", `permission denied to create extension "%s"`, n).with("Must be superuser to create this extension.")
	case "database":
		return nil, wrong("42501", "dbcommands.c", 939, "createdb", "permission denied to create database")
	}
	return done("CREATE " + strings.ToUpper(t.text))
}

func (p *parser) createTable() (*result, *problem) {
	exists := p.words("if", "not", "exists")
	n, ok := p.ident()
	if !ok {
		return nil, p.bad()
	}
	if p.c.tables[n] != nil {
		if exists {
			return &result{tag: "CREATE TABLE", notices: []*problem{wrong("42P07", "parse_utilcmd.c", 208, "transformCreateStmt", `relation "%s" already exists, skipping`, n).as("NOTICE")}}, nil
		}
		return nil, wrong("42P07", "heap.c", 1164, "heap_create_with_catalog", `relation "%s" already exists`, n)
	}
	r := &relation{oid: uint32(16386 + 4*len(p.c.tables))}
	if !p.word("(") {
		return nil, p.bad()
	}
	for !p.word(")") {
		col, ok := p.ident()
		if !ok {
			return nil, p.bad()
		}
		kind, _ := typeNamed(p.peek().text)
		if kind == 0 {
			kind = tText
		}
		for depth := 0; !p.end() && (depth > 0 || p.peek().text != "," && p.peek().text != ")"); p.i++ {
			depth += map[string]int{"(": 1, ")": -1}[p.peek().text]
		}
		r.columns = append(r.columns, column{name: col, kind: kind, table: r.oid, number: uint16(len(r.columns) + 1)})
		p.word(",")
		if p.end() {
			return nil, p.bad()
		}
	}
	if len(r.columns) > maxColumns {
		return nil, wrong("54011", "heap.c", 456, "CheckAttributeNamesTypes", "tables can have at most %d columns", maxColumns)
	}
	if err := p.c.keep(len(p.source) + perColumn*len(r.columns)); err != nil {
		return nil, err
	}
	p.c.tables[n] = r
	return done("CREATE TABLE")
}

func drop(p *parser) (*result, *problem) {
	t := p.peek()
	if p.i++; t.text != "table" {
		return done("DROP " + strings.ToUpper(t.text))
	}
	exists := p.words("if", "exists")
	n, ok := p.ident()
	if !ok {
		return nil, p.bad()
	}
	if p.c.tables[n] == nil {
		if exists {
			return &result{tag: "DROP TABLE", notices: []*problem{wrong("00000", "tablecmds.c", 1310, "DropErrorMsgNonExistent", `table "%s" does not exist, skipping`, n).as("NOTICE")}}, nil
		}
		return nil, wrong("42P01", "tablecmds.c", 1304, "DropErrorMsgNonExistent", `table "%s" does not exist`, n)
	}
	delete(p.c.tables, n)
	return done("DROP TABLE")
}

// own finds a table that the client made.
func (p *parser) own() (*relation, *problem) {
	at := p.peek()
	n, ok := p.ident()
	if !ok {
		return nil, p.bad()
	}
	return p.c.relation("", n, at)
}

func insert(p *parser) (*result, *problem) {
	if !p.word("into") {
		return nil, p.bad()
	}
	r, err := p.own()
	if err != nil {
		return nil, err
	}
	if p.word("(") {
		for !p.end() && !p.word(")") {
			p.i++
		}
	}
	if !p.word("values") {
		return nil, p.bad()
	}
	v, err := values(p)
	if err != nil {
		return nil, err
	}
	for _, row := range v.rows {
		if err := p.c.keep(perValue * max(len(row), len(r.columns))); err != nil {
			return nil, err
		}
		for _, one := range row {
			if err := p.c.keep(len(one.text)); err != nil {
				return nil, err
			}
		}
		for len(row) < len(r.columns) {
			row = append(row, value{null: true, kind: tText})
		}
		r.rows = append(r.rows, row[:len(r.columns)])
	}
	return done(fmt.Sprintf("INSERT 0 %d", len(v.rows)))
}

func remove(p *parser) (*result, *problem) {
	_ = p.word("from") || p.word("table")
	r, err := p.own()
	if err != nil {
		return nil, err
	}
	n := len(r.rows)
	r.rows = nil
	if p.toks[0].text == "truncate" {
		return done("TRUNCATE TABLE")
	}
	return done(fmt.Sprintf("DELETE %d", n))
}

func table(p *parser) (*result, *problem) {
	r, err := p.own()
	if err != nil {
		return nil, err
	}
	return &result{columns: r.columns, rows: r.rows, tag: fmt.Sprintf("SELECT %d", len(r.rows))}, nil
}
