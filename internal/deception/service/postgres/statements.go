package postgres

import (
	"fmt"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

func sortByFirst(list [][]value) { sortBy(list, 0) }

func sortBy(list [][]value, i int) {
	slices.SortFunc(list, func(a, b []value) int { return strings.Compare(a[i].text, b[i].text) })
}

// open makes the session's settings.
func (c *client) open() {
	c.tables, c.prepared, c.portals = map[string]*relation{}, map[string]prepared{}, map[string]portal{}
	c.vars = map[string]string{
		"application_name": c.params["application_name"], "client_encoding": "UTF8", "datestyle": "ISO, MDY", "default_transaction_read_only": "off",
		"in_hot_standby": "off", "integer_datetimes": "on", "intervalstyle": "postgres", "is_superuser": "off", "server_encoding": "UTF8",
		"server_version": Version + " (Debian " + debian + ")", "server_version_num": "150018", "session_authorization": c.user,
		"standard_conforming_strings": "on", "timezone": c.srv.setup.Persona.Zone, "search_path": `"$user", public`, "statement_timeout": "0",
		"max_connections": "100", "shared_buffers": "128MB", "ssl": map[bool]string{true: "on", false: "off"}[c.srv.config.TLS], "port": "5432",
		"transaction_isolation": "read committed", "transaction_read_only": "off", "extra_float_digits": "1", "lc_collate": "C.UTF-8", "lc_ctype": "C.UTF-8",
		"listen_addresses": "*", "wal_level": "replica", "password_encryption": "scram-sha-256", "bytea_output": "hex", "client_min_messages": "notice",
	}
}

// execute answers one statement.
func (c *client) execute(toks []token, sql string, params []value) (*result, *problem) {
	p := &parser{c: c, toks: toks, source: sql, params: params, kinds: map[int]uint32{}}
	verb := toks[0].text
	if c.status == 'E' && !contains([]string{"rollback", "commit", "end", "abort"}, verb) {
		return nil, wrong("25P02", "postgres.c", 1081, "exec_simple_query", "current transaction is aborted, commands ignored until end of transaction block")
	}
	if r := c.backslash(sql); r != nil {
		return r, nil
	}
	if verb == "select" {
		q, err := p.query()
		if err != nil {
			return nil, err
		}
		return q.run()
	}
	if f := verbs()[verb]; f != nil && toks[0].kind == 'n' {
		p.i = 1
		return f(p)
	}
	return nil, near(toks[0])
}

func done(tag string) (*result, *problem) { return &result{tag: tag}, nil }

// verbs are the statements beside SELECT.
func verbs() map[string]func(*parser) (*result, *problem) {
	plain := func(tag string) func(*parser) (*result, *problem) {
		return func(*parser) (*result, *problem) { return done(tag) }
	}
	return map[string]func(*parser) (*result, *problem){
		"begin": begin("BEGIN"), "start": begin("START TRANSACTION"), "commit": finish("COMMIT"), "end": finish("COMMIT"), "rollback": finish("ROLLBACK"), "abort": finish("ROLLBACK"),
		"show": show, "set": set, "reset": plain("RESET"), "create": create, "drop": drop, "insert": insert, "copy": copyFile, "alter": alter, "listen": plain("LISTEN"),
		"notify": plain("NOTIFY"), "unlisten": plain("UNLISTEN"), "discard": discard, "analyze": plain("ANALYZE"), "delete": remove, "truncate": remove, "values": values, "table": table,
		"do": plain("DO"), "grant": plain("GRANT"), "revoke": plain("REVOKE"), "savepoint": plain("SAVEPOINT"), "load": load,
	}
}

func begin(tag string) func(*parser) (*result, *problem) {
	return func(p *parser) (*result, *problem) {
		r := &result{tag: tag}
		if p.c.status == 'T' {
			r.notices = append(r.notices, wrong("25001", "xact.c", 3714, "BeginTransactionBlock", "there is already a transaction in progress").as("WARNING"))
		}
		p.c.status = 'T'
		return r, nil
	}
}

func finish(tag string) func(*parser) (*result, *problem) {
	return func(p *parser) (*result, *problem) {
		r := &result{tag: tag}
		if p.c.status == 'I' {
			line, routine := 3987, "EndTransactionBlock"
			if tag == "ROLLBACK" {
				line, routine = 4099, "UserAbortTransactionBlock"
			}
			r.notices = append(r.notices, wrong("25P01", "xact.c", line, routine, "there is no transaction in progress").as("WARNING"))
		}
		if p.c.status == 'E' {
			r.tag = "ROLLBACK"
		}
		p.c.status = 'I'
		return r, nil
	}
}

func show(p *parser) (*result, *problem) {
	n, ok := p.ident()
	if !ok {
		return nil, p.bad()
	}
	if n == "transaction" && p.words("isolation", "level") {
		n = "transaction_isolation"
	}
	v, known := p.c.vars[n]
	if !known {
		return nil, unknownSetting(n)
	}
	for _, proper := range []string{"DateStyle", "TimeZone", "IntervalStyle"} {
		if strings.EqualFold(proper, n) {
			n = proper
		}
	}
	return &result{columns: []column{{name: n, kind: tText}}, rows: [][]value{{text(v)}}, tag: "SHOW"}, nil
}

func set(p *parser) (*result, *problem) {
	_ = p.word("session") || p.word("local")
	if p.word("transaction") || p.word("characteristics") {
		return done("SET")
	}
	n, ok := p.ident()
	if !ok {
		return nil, p.bad()
	}
	if !p.word("to") && !p.word("=") {
		return nil, p.bad()
	}
	if _, known := p.c.vars[n]; !known {
		return nil, unknownSetting(n)
	}
	if n == "is_superuser" || n == "server_version" {
		return nil, wrong("55P02", "guc.c", 7696, "set_config_option_ext", `parameter "%s" cannot be changed`, n)
	}
	if p.end() {
		return nil, p.bad()
	}
	v := p.peek().text
	r := &result{tag: "SET"}
	p.c.vars[n] = v[:min(len(v), 1024)]
	if contains([]string{"application_name", "client_encoding"}, n) {
		r.params = append(r.params, [2]string{n, p.c.vars[n]})
	}
	return r, nil
}

func discard(p *parser) (*result, *problem) {
	r := &result{tag: "DISCARD " + strings.ToUpper(p.peek().text)}
	if p.c.vars["application_name"] != p.c.params["application_name"] {
		p.c.vars["application_name"] = p.c.params["application_name"]
		r.params = append(r.params, [2]string{"application_name", p.c.params["application_name"]})
	}
	return r, nil
}

// step records what a statement is part of, when that is an attack's.
func (c *client) step(what string) {
	c.session.Record(service.Query, nil, service.Field{Name: "step", Value: what})
}

const copyHint = `Anyone can COPY to stdout or from stdin. psql's \copy command also works for anyone.`

// copyFile refuses what an account without privileges may not: programs and
// files. Copying over the connection takes and gives nothing.
func copyFile(p *parser) (*result, *problem) {
	for !p.end() && !p.word("from") && !p.word("to") {
		if p.word("(") {
			for depth := 1; depth > 0 && !p.end(); p.i++ {
				depth += map[string]int{"(": 1, ")": -1}[p.peek().text]
			}
			continue
		}
		p.i++
	}
	if p.end() {
		return nil, p.bad()
	}
	from := p.i > 0 && p.toks[max(p.i-1, 0)].text == "from"
	switch t := p.peek(); {
	case p.word("program"):
		p.c.step("run a program: " + p.peek().text)
		return nil, wrong("42501", "copy.c", 84, "DoCopy", "must be superuser or have privileges of the pg_execute_server_program role to COPY to or from an external program").with(copyHint)
	case t.kind == 's' && from:
		p.c.step("read a file: " + t.text)
		return nil, wrong("42501", "copy.c", 93, "DoCopy", "must be superuser or have privileges of the pg_read_server_files role to COPY from a file").with(copyHint)
	case t.kind == 's':
		p.c.step("write a file: " + t.text)
		return nil, wrong("42501", "copy.c", 100, "DoCopy", "must be superuser or have privileges of the pg_write_server_files role to COPY to a file").with(copyHint)
	}
	return done("COPY 0")
}

func load(p *parser) (*result, *problem) {
	p.c.step("load a library: " + p.peek().text)
	return nil, wrong("42501", "dfmgr.c", 517, "check_restricted_library_name", `access to library "%s" is not allowed`, p.peek().text)
}

func alter(p *parser) (*result, *problem) {
	if p.word("user") || p.word("role") {
		if slices.ContainsFunc(p.toks, func(t token) bool { return t.kind == 'n' && t.text == "superuser" }) {
			p.c.step("become a superuser")
			return nil, wrong("42501", "user.c", 636, "AlterRole", "must be superuser to alter superuser roles or change superuser attribute")
		}
		return done("ALTER ROLE")
	}
	if p.word("system") {
		return nil, wrong("42501", "guc.c", 8792, "AlterSystemSetConfigFile", "permission denied to set parameter \"%s\"", p.toks[min(3, len(p.toks)-1)].text)
	}
	return done("ALTER " + strings.ToUpper(p.peek().text))
}

func values(p *parser) (*result, *problem) {
	r := &result{}
	for {
		list, err := p.arguments()
		if err != nil {
			return nil, err
		}
		row := make([]value, len(list))
		for i, e := range list {
			if row[i], err = e.eval(nil); err != nil {
				return nil, err
			}
			if len(r.rows) == 0 {
				r.columns = append(r.columns, column{name: fmt.Sprintf("column%d", i+1), kind: e.kind})
			}
		}
		if r.rows = append(r.rows, row); !p.word(",") {
			r.tag = fmt.Sprintf("SELECT %d", len(r.rows))
			return r, nil
		}
	}
}
