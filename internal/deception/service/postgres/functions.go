package postgres

import (
	"fmt"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// function computes a value of its arguments.
type function struct {
	kind uint32
	args int // -1: any number
	call func(c *client, args []value) (value, *problem)
}

// functions are those that attackers and their tools ask for.
func functions() map[string]function {
	return map[string]function{
		"version":          {tText, 0, func(c *client, _ []value) (value, *problem) { return text(c.srv.version()), nil }},
		"current_database": {tName, 0, func(c *client, _ []value) (value, *problem) { return name(c.db), nil }},
		"current_schema":   {tName, 0, func(*client, []value) (value, *problem) { return name("public"), nil }},
		"now":              {tTime, 0, func(c *client, _ []value) (value, *problem) { return c.now(), nil }},
		"pg_postmaster_start_time": {tTime, 0, func(c *client, _ []value) (value, *problem) {
			return value{text: c.srv.setup.Persona.Booted.Format("2006-01-02 15:04:05.000000") + "+00", kind: tTime}, nil
		}},
		"pg_backend_pid": {tInt4, 0, func(c *client, _ []value) (value, *problem) {
			return value{text: strconv.Itoa(c.pid), kind: tInt4}, nil
		}},
		"inet_server_addr": {tInet, 0, func(c *client, _ []value) (value, *problem) {
			return value{text: c.session.Local().Addr().String(), kind: tInet}, nil
		}},
		"inet_server_port": {tInt4, 0, func(c *client, _ []value) (value, *problem) {
			return value{text: strconv.Itoa(int(c.session.Local().Port())), kind: tInt4}, nil
		}},
		"inet_client_addr": {tInet, 0, func(c *client, _ []value) (value, *problem) {
			return value{text: c.session.Client().Addr().String(), kind: tInet}, nil
		}},
		"pg_is_in_recovery": {tBool, 0, func(*client, []value) (value, *problem) { return boolean(false), nil }},
		"current_setting":   {tText, -1, currentSetting},
		"set_config":        {tText, 3, func(_ *client, a []value) (value, *problem) { return a[1], nil }},
		"pg_sleep":          {tVoid, 1, pgSleep},
		"chr":               {tText, 1, chr},
		"ascii":             {tInt4, 1, ascii},
		"length": {tInt4, 1, func(_ *client, a []value) (value, *problem) {
			return value{text: strconv.Itoa(len([]rune(a[0].text))), kind: tInt4}, nil
		}},
		"upper":     {tText, 1, func(_ *client, a []value) (value, *problem) { return text(strings.ToUpper(a[0].text)), nil }},
		"lower":     {tText, 1, func(_ *client, a []value) (value, *problem) { return text(strings.ToLower(a[0].text)), nil }},
		"md5":       {tText, 1, func(_ *client, a []value) (value, *problem) { return text(hexMD5(a[0].text)), nil }},
		"concat":    {tText, -1, concat},
		"coalesce":  {tText, -1, coalesce},
		"substr":    {tText, -1, substr},
		"substring": {tText, -1, substr},
	}
}

// denied are functions that only privileged roles may call.
func denied(n string) bool {
	return contains([]string{"pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "lo_import", "lo_export", "pg_reload_conf", "pg_rotate_logfile", "pg_ls_logdir", "pg_ls_waldir", "pg_terminate_backend_all"}, n)
}

func (s *server) version() string {
	return "PostgreSQL " + Version + " (Debian " + debian + ") on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit"
}

// callOf reads the arguments of a function and makes its expression.
func (p *parser) callOf(n string, at token) (*expr, *problem) {
	if n == "count" {
		return p.count()
	}
	list, err := p.arguments()
	if err != nil {
		return nil, err
	}
	f, known := functions()[n]
	if denied(n) {
		p.c.session.Record(service.Query, nil, service.Field{Name: "step", Value: "reach for files of the machine"}, service.Field{Name: "function", Value: n})
		return nil, wrong("42501", "aclchk.c", 3655, "aclcheck_error", "permission denied for function %s", n)
	}
	if !known || f.args >= 0 && f.args != len(list) {
		return nil, wrong("42883", "parse_func.c", 629, "ParseFuncOrColumn", "function %s(%s) does not exist", n, types(list)).at(at.at).
			with("No function matches the given name and argument types. You might need to add explicit type casts.")
	}
	p.late = p.late || f.args <= 0 || f.kind == tVoid
	return &expr{name: n, kind: f.kind, eval: func(row []value) (value, *problem) {
		args := make([]value, len(list))
		for i, e := range list {
			v, err := e.eval(row)
			if err != nil {
				return v, err
			}
			if err := p.c.spend(1 + len(v.text)); err != nil {
				return value{}, err
			}
			if args[i] = v; v.null && f.args > 0 {
				return value{null: true, kind: f.kind}, nil
			}
		}
		return f.call(p.c, args)
	}}, nil
}

func types(list []*expr) string {
	var out []string
	for _, e := range list {
		out = append(out, map[uint32]string{tInt4: "integer", tInt8: "bigint", tNumeric: "numeric", tBool: "boolean", tName: "name", tText: "unknown"}[e.kind])
	}
	return strings.Join(out, ", ")
}

func (p *parser) count() (*expr, *problem) {
	if !p.words("(", "*", ")") {
		if _, err := p.arguments(); err != nil {
			return nil, err
		}
	}
	// In a larger expression, and where there are no rows, it counts the one it is asked for.
	e := constant(value{text: "1", kind: tInt8})
	e.name, e.all = "count", true
	return e, nil
}

func currentSetting(c *client, a []value) (value, *problem) {
	if len(a) == 0 {
		return value{}, nil
	}
	v, ok := c.vars[strings.ToLower(a[0].text)]
	if !ok && len(a) < 2 {
		return value{}, unknownSetting(a[0].text)
	}
	return value{text: v, null: !ok, kind: tText}, nil
}

func unknownSetting(n string) *problem {
	return wrong("42704", "guc.c", 5734, "find_option", `unrecognized configuration parameter "%s"`, n)
}

// pgSleep waits as asked: that is how an injection finds out that it works.
func pgSleep(c *client, a []value) (value, *problem) {
	select {
	case <-c.done:
	case <-c.srv.setup.Clock.After(sleep(a[0])):
	}
	return value{kind: tVoid}, nil
}

func chr(_ *client, a []value) (value, *problem) {
	n, err := strconv.Atoi(a[0].text)
	if err != nil || n < 1 || n > 0x10ffff {
		return value{}, wrong("54000", "oracle_compat.c", 1043, "chr", "requested character too large for encoding: %s", a[0].text)
	}
	return text(string(rune(n))), nil
}

func ascii(_ *client, a []value) (value, *problem) {
	for _, r := range a[0].text {
		return value{text: fmt.Sprint(int(r)), kind: tInt4}, nil
	}
	return value{text: "0", kind: tInt4}, nil
}

func concat(_ *client, a []value) (value, *problem) {
	var b strings.Builder
	for _, v := range a {
		if !v.null && b.Len()+len(v.text) <= maxText {
			b.WriteString(v.text)
		}
	}
	return text(b.String()), nil
}

func coalesce(_ *client, a []value) (value, *problem) {
	for _, v := range a {
		if !v.null {
			return v, nil
		}
	}
	return value{null: true, kind: tText}, nil
}

func substr(_ *client, a []value) (value, *problem) {
	if len(a) < 2 || len(a) > 3 {
		return value{null: true, kind: tText}, nil
	}
	r := []rune(a[0].text)
	from, err := strconv.Atoi(a[1].text)
	if err != nil {
		from = 1
	}
	end := len(r)
	if len(a) == 3 {
		if n, err := strconv.Atoi(a[2].text); err == nil {
			end = min(end, max(0, from-1+min(n, len(r)+max(0, -from))))
		}
	}
	from = min(max(from-1, 0), len(r))
	return text(string(r[from:max(from, end)])), nil
}
