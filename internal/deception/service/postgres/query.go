package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// relation is a table with its rows.
type relation struct {
	columns []column
	rows    [][]value
	oid     uint32
}

// query is a SELECT that was understood.
type query struct {
	c      *client
	items  []*expr
	from   *relation
	where  *expr
	limit  int
	params map[int]uint32
	late   bool
	cost   int // of one row, about: the words of the statement
}

// query reads SELECT … [FROM one table] [WHERE …] [ORDER BY …] [LIMIT n].
func (p *parser) query() (*query, *problem) {
	p.i++
	q, start := &query{c: p.c, limit: -1, cost: len(p.toks)}, p.i
	outer := p.from
	p.from = nil
	defer func() { p.from = outer }()
	if err := p.findFrom(start); err != nil {
		return nil, err
	}
	if q.from = p.from; q.from == nil {
		q.from = &relation{rows: [][]value{nil}}
	}
	p.word("distinct")
	if err := p.items(q); err != nil {
		return nil, err
	}
	if p.word("from") {
		p.table()
	}
	err := p.clauses(q)
	q.late = p.late || len(q.from.columns) > 0
	return q, err
}

// findFrom looks ahead for the table, whose columns the list before it names.
func (p *parser) findFrom(start int) *problem {
	depth := 0
	for i := start; i < len(p.toks); i++ {
		switch t := p.toks[i]; {
		case t.kind == 'o' && t.text == "(":
			depth++
		case t.kind == 'o' && t.text == ")":
			if depth--; depth < 0 {
				return nil
			}
		case t.kind == 'n' && t.text == "from" && depth == 0:
			back := p.i
			p.i = i + 1
			r, err := p.table()
			p.i, p.from = back, r
			return err
		}
	}
	return nil
}

// table reads a table's name and its alias.
func (p *parser) table() (*relation, *problem) {
	at := p.peek()
	n, ok := p.ident()
	if !ok {
		return nil, p.bad()
	}
	schema := ""
	if p.word(".") {
		schema = n
		if n, ok = p.ident(); !ok {
			return nil, p.bad()
		}
	}
	r, err := p.c.relation(schema, n, at)
	p.word("as")
	if t := p.peek(); t.kind == 'n' && !contains([]string{"where", "order", "limit", "group", "union", "offset", "join", "left", "inner"}, t.text) {
		p.i++
	}
	return r, err
}

func (p *parser) items(q *query) *problem {
	for {
		if p.word("*") {
			for i, c := range q.from.columns {
				q.items = append(q.items, &expr{name: c.name, kind: c.kind, from: &q.from.columns[i], eval: func(row []value) (value, *problem) { return row[i], nil }})
			}
		} else {
			e, err := p.expression()
			if err != nil {
				return err
			}
			if label, ok := p.label(); ok {
				named := *e
				named.name = label
				e = &named
			}
			q.items = append(q.items, e)
		}
		if !p.word(",") {
			return nil
		}
	}
}

// label reads AS name, or a name alone.
func (p *parser) label() (string, bool) {
	if p.word("as") {
		return p.ident()
	}
	if t := p.peek(); t.kind == 'q' || t.kind == 'n' && !contains([]string{"from", "where", "order", "limit", "group", "union", "offset"}, t.text) {
		return p.ident()
	}
	return "", false
}

// clauses reads what follows the table.
func (p *parser) clauses(q *query) *problem {
	if p.word("where") {
		e, err := p.expression()
		if err != nil {
			return err
		}
		q.where = e
	}
	if p.words("order", "by") {
		for {
			if _, err := p.expression(); err != nil {
				return err
			}
			_ = p.word("asc") || p.word("desc")
			if !p.word(",") {
				break
			}
		}
	}
	for p.word("limit") || p.word("offset") {
		limit := p.toks[p.i-1].text == "limit"
		n, err := strconv.Atoi(p.peek().text)
		if err != nil {
			return p.bad()
		}
		if p.i++; limit {
			q.limit = n
		}
	}
	if t := p.peek(); !p.end() && t.text != ")" {
		return p.bad()
	}
	return nil
}

// columns describes the result.
func (q *query) columns() (out []column) {
	for _, e := range q.items {
		c := column{name: e.name, kind: e.kind}
		if e.from != nil {
			c.table, c.number = e.from.table, e.from.number
		}
		out = append(out, c)
	}
	return out
}

// run computes the rows.
func (q *query) run() (*result, *problem) {
	r := &result{columns: q.columns()}
	rows, err := q.filtered()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(q.items, func(e *expr) bool { return e.all }) {
		r.rows = [][]value{q.counted(len(rows))}
		r.tag = "SELECT 1"
		return r, nil
	}
	for _, row := range rows {
		if q.limit >= 0 && len(r.rows) >= q.limit {
			break
		}
		out := make([]value, len(q.items))
		for i, e := range q.items {
			if out[i], err = e.eval(row); err == nil {
				err = q.c.spend(perValue + len(out[i].text))
			}
			if err == nil {
				continue
			}
			if !q.late { // computed before the columns are told
				return nil, err
			}
			return r, err
		}
		r.rows = append(r.rows, out)
	}
	r.tag = fmt.Sprintf("SELECT %d", len(r.rows))
	return r, nil
}

func (q *query) filtered() (out [][]value, err *problem) {
	for _, row := range q.from.rows {
		if err := q.c.spend(q.cost); err != nil {
			return nil, err
		}
		if q.where != nil {
			v, err := q.where.eval(row)
			if err != nil {
				return nil, err
			}
			if v.null || v.text != "t" {
				continue
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func (q *query) counted(n int) []value {
	out := make([]value, len(q.items))
	for i, e := range q.items {
		out[i] = value{null: true, kind: e.kind}
		if e.all {
			out[i] = value{text: strconv.Itoa(n), kind: tInt8}
		}
	}
	return out
}

// scalar is the query as a value. It knows nothing of the row around it and so
// is run once, as the real server's plan does.
func (q *query) scalar() *expr {
	e := &expr{name: "?column?", kind: tText}
	if len(q.items) > 0 {
		e.name, e.kind = q.items[0].name, q.items[0].kind
	}
	run := sync.OnceValues(func() (value, *problem) {
		r, err := q.run()
		if err != nil || len(r.rows) == 0 || len(r.rows[0]) == 0 {
			return value{null: true, kind: e.kind}, err
		}
		return r.rows[0][0], nil
	})
	e.eval = func([]value) (value, *problem) { return run() }
	return e
}

// columnOf reads a column of a row; nil when there is none of that name. A nil
// relation has none.
func (r *relation) columnOf(name string) *expr {
	if r == nil {
		return nil
	}
	for i, c := range r.columns {
		if c.name != name {
			continue
		}
		return &expr{name: name, kind: c.kind, from: &r.columns[i], eval: func(row []value) (value, *problem) {
			if i >= len(row) {
				return value{null: true, kind: c.kind}, nil
			}
			return row[i], nil
		}}
	}
	return nil
}
