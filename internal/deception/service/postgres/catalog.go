package postgres

import (
	"fmt"
	"strings"
)

// bootstrap is the role that initdb made.
const bootstrap = "postgres"

// relation finds a table: the client's own, or a catalog.
func (c *client) relation(schema, n string, at token) (*relation, *problem) {
	if r := c.tables[n]; r != nil && (schema == "" || schema == "public") {
		return r, nil
	}
	key := n
	if schema == "information_schema" {
		key = schema + "." + n
	}
	if contains([]string{"pg_shadow", "pg_authid"}, key) {
		kind := map[string]string{"pg_shadow": "view", "pg_authid": "table"}[key]
		return nil, wrong("42501", "aclchk.c", 3655, "aclcheck_error", "permission denied for %s %s", kind, key)
	}
	if make := catalogs()[key]; make != nil && (schema == "" || schema == "pg_catalog" || schema == "information_schema") {
		return make(c), nil
	}
	full := n
	if schema != "" {
		full = schema + "." + n
	}
	return nil, wrong("42P01", "parse_relation.c", 1392, "parserOpenTable", `relation "%s" does not exist`, full).at(at.at)
}

// described makes a relation from "name:type" words.
func described(oid uint32, spec string, rows ...[]value) *relation {
	r := &relation{oid: oid, rows: rows}
	kinds := map[string]uint32{"name": tName, "bool": tBool, "text": tText, "int4": tInt4, "oid": tOID}
	for i, word := range strings.Fields(spec) {
		n, kind, _ := strings.Cut(word, ":")
		r.columns = append(r.columns, column{name: n, kind: kinds[kind], table: oid, number: uint16(i + 1)})
	}
	return r
}

// catalogs are the system's tables as far as they are shown.
func catalogs() map[string]func(*client) *relation {
	return map[string]func(*client) *relation{
		"pg_database": pgDatabase, "pg_roles": pgRoles, "pg_user": pgUser, "pg_tables": pgTables, "pg_stat_activity": pgStatActivity,
		"information_schema.tables": infoTables, "information_schema.schemata": infoSchemata, "pg_namespace": pgNamespace, "pg_extension": pgExtension,
	}
}

func pgDatabase(c *client) *relation {
	var rows [][]value
	for _, d := range c.srv.databases() {
		rows = append(rows, []value{name(d), boolean(strings.HasPrefix(d, "template")), boolean(d != "template0")})
	}
	r := described(1262, "datname:name datistemplate:bool datallowconn:bool", rows...)
	r.columns[0].number = 2
	return r
}

// roles are those of a new cluster of 15, and who the client is.
func (c *client) roles() []string {
	out := []string{
		"pg_database_owner", "pg_read_all_data", "pg_write_all_data", "pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables",
		"pg_read_server_files", "pg_write_server_files", "pg_execute_server_program", "pg_signal_backend", "pg_checkpoint", bootstrap,
	}
	if c.user != bootstrap {
		out = append(out, c.user)
	}
	return out
}

// super reports whether a role is a superuser: the client never is.
func (c *client) super(role string) bool { return role == bootstrap && c.user != bootstrap }

func pgRoles(c *client) *relation {
	var rows [][]value
	for _, role := range c.roles() {
		s := boolean(c.super(role))
		rows = append(rows, []value{name(role), s, boolean(true), s, s, boolean(!strings.HasPrefix(role, "pg_")), s})
	}
	return described(12000, "rolname:name rolsuper:bool rolinherit:bool rolcreaterole:bool rolcreatedb:bool rolcanlogin:bool rolreplication:bool", rows...)
}

func pgUser(c *client) *relation {
	var rows [][]value
	for i, role := range c.roles() {
		if !strings.HasPrefix(role, "pg_") {
			s := boolean(c.super(role))
			rows = append(rows, []value{name(role), {text: fmt.Sprint(map[bool]int{true: 10, false: 16380 + i}[role == bootstrap]), kind: tOID}, s, s, s, s, text("********")})
		}
	}
	return described(12014, "usename:name usesysid:oid usecreatedb:bool usesuper:bool userepl:bool usebypassrls:bool passwd:text", rows...)
}

func pgTables(c *client) *relation {
	r := described(12020, "schemaname:name tablename:name tableowner:name")
	for n := range c.tables {
		r.rows = append(r.rows, []value{name("public"), name(n), name(c.user)})
	}
	return r
}

func infoTables(c *client) *relation {
	r := described(13425, "table_catalog:name table_schema:name table_name:name table_type:text")
	for n := range c.tables {
		r.rows = append(r.rows, []value{name(c.db), name("public"), name(n), text("BASE TABLE")})
	}
	return r
}

func schemas() []string { return []string{"pg_toast", "pg_catalog", "public", "information_schema"} }

func infoSchemata(c *client) *relation {
	r := described(13400, "catalog_name:name schema_name:name schema_owner:name")
	for _, s := range schemas() {
		r.rows = append(r.rows, []value{name(c.db), name(s), name(bootstrap)})
	}
	return r
}

func pgNamespace(*client) *relation {
	r := described(2615, "nspname:name")
	r.columns[0].number = 2
	for _, s := range schemas() {
		r.rows = append(r.rows, []value{name(s)})
	}
	return r
}

func pgExtension(*client) *relation {
	r := described(3079, "extname:name extversion:text", []value{name("plpgsql"), text("1.0")})
	r.columns[0].number = 2
	return r
}

func pgStatActivity(c *client) *relation {
	return described(12250, "datname:name pid:int4 usename:name application_name:text state:text query:text",
		[]value{name(c.db), {text: fmt.Sprint(c.pid), kind: tInt4}, name(c.user), text(c.vars["application_name"]), text("active"), text("")})
}

// backslash answers the questions that psql 15 asks for \l, \du, \dn, \dt and
// \d: they are always the same text.
func (c *client) backslash(sql string) *result {
	has := func(list ...string) bool {
		for _, s := range list {
			if !strings.Contains(sql, s) {
				return false
			}
		}
		return true
	}
	switch {
	case has(`d.datname as "Name"`, "FROM pg_catalog.pg_database d"):
		return c.listDatabases()
	case has("r.rolname, r.rolsuper", "FROM pg_catalog.pg_roles r", "r.rolbypassrls"):
		return c.listRoles()
	case has(`n.nspname AS "Name"`, "FROM pg_catalog.pg_namespace n"):
		return rows("Name:name Owner:name", []value{name("public"), name("pg_database_owner")})
	case has(`n.nspname as "Schema"`, `c.relname as "Name"`, "FROM pg_catalog.pg_class c"):
		return c.listTables()
	}
	return nil
}

func rows(spec string, list ...[]value) *result {
	r := described(0, spec, list...)
	for i := range r.columns {
		r.columns[i].name, r.columns[i].number = strings.ReplaceAll(r.columns[i].name, "_", " "), 0
	}
	return &result{columns: r.columns, rows: list, tag: fmt.Sprintf("SELECT %d", len(list))}
}

func (c *client) listDatabases() *result {
	var list [][]value
	null := value{null: true, kind: tText}
	for _, d := range []string{c.srv.database, "postgres", "template0", "template1"} {
		owner, access := bootstrap, null
		if d == c.srv.database {
			owner = c.user
		}
		if strings.HasPrefix(d, "template") {
			access = text("=c/postgres\npostgres=CTc/postgres")
		}
		list = append(list, []value{name(d), name(owner), name("UTF8"), text("C.UTF-8"), text("C.UTF-8"), null, text("libc"), access})
	}
	sortByFirst(list)
	return rows("Name:name Owner:name Encoding:name Collate:text Ctype:text ICU_Locale:text Locale_Provider:text Access_privileges:text", list...)
}

func (c *client) listRoles() *result {
	var list [][]value
	for _, role := range c.roles() {
		if strings.HasPrefix(role, "pg_") {
			continue
		}
		s := boolean(c.super(role))
		list = append(list, []value{name(role), s, boolean(true), s, s, boolean(true), {text: "-1", kind: tInt4}, {null: true, kind: tText}, text("{}"), s, s})
	}
	sortByFirst(list)
	r := rows("rolname:name rolsuper:bool rolinherit:bool rolcreaterole:bool rolcreatedb:bool rolcanlogin:bool rolconnlimit:int4 rolvaliduntil:text memberof:text rolreplication:bool rolbypassrls:bool", list...)
	for i := range r.columns {
		r.columns[i].name = strings.ReplaceAll(r.columns[i].name, " ", "_")
	}
	return r
}

func (c *client) listTables() *result {
	var list [][]value
	for n := range c.tables {
		list = append(list, []value{name("public"), name(n), text("table"), name(c.user)})
	}
	sortBy(list, 1)
	return rows("Schema:name Name:name Type:text Owner:name", list...)
}
