package postgres

import (
	"bytes"
	"encoding/binary"

	"go.cordon.dev/cordon/internal/deception/service"
)

// prepared is a statement that was parsed.
type prepared struct {
	sql   string
	toks  []token
	query *query
	count int
}

// portal is one with its parameters.
type portal struct {
	prepared
	params []value
}

// work answers statements until the client leaves.
func (c *client) work() error {
	for {
		c.answered()
		kind, b, err := c.message(maxMessage)
		if err != nil {
			return err
		}
		if b == nil && kind != 'H' && kind != 'S' && kind != 'X' && kind != 'c' {
			return fatal("08P01", "postgres.c", 446, "SocketBackend", "invalid frontend message type %d", kind)
		}
		if kind == 'X' {
			return nil
		}
		if err := c.handle(kind, b); err != nil {
			return err
		}
		if kind == 'Q' || kind == 'S' || kind == 'H' || kind == 'F' || len(c.out) > maxOut {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
}

// handle answers a message. After an error those of the extended protocol are
// skipped up to Sync.
func (c *client) handle(kind byte, b []byte) error {
	switch kind {
	case 'Q':
		c.skip = false
		return c.simple(cstring(b))
	case 'S':
		c.skip = false
		if c.status == 'I' {
			clear(c.portals)
			c.fits(0)
		}
		c.ready()
		return nil
	case 'F':
		c.fail(wrong("42883", "fastpath.c", 139, "fetch_fp_info", "function with OID %d does not exist", binary.BigEndian.Uint32(append(b, 0, 0, 0, 0))))
		c.skip = false
		c.ready()
		return nil
	case 'H', 'd', 'c', 'f':
		return nil
	}
	if c.skip {
		return nil
	}
	var err *problem
	switch kind {
	case 'P':
		err = c.parse(b)
	case 'B':
		err = c.bind(b)
	case 'D':
		err = c.describe(b)
	case 'E':
		err = c.run(cstring(b))
	case 'C':
		c.close(b)
	default:
		return fatal("08P01", "postgres.c", 446, "SocketBackend", "invalid frontend message type %d", kind)
	}
	if err != nil {
		c.fail(err)
		c.skip = true
	}
	return nil
}

// cstring reads up to a zero byte.
func cstring(b []byte) string {
	s, _, _ := bytes.Cut(b, []byte{0})
	return string(s)
}

func (c *client) fail(err *problem) {
	if c.status == 'T' {
		c.status = 'E'
	}
	err.send(c.wire)
}

func (c *client) record(sql string) {
	var raw []byte
	if len(sql) > service.MaxField {
		raw = []byte(sql)
	}
	c.session.Record(service.Query, raw, service.Field{Name: "statement", Value: sql})
}

// simple answers a text of statements.
func (c *client) simple(sql string) error {
	c.record(sql)
	c.effort = 0
	toks, err := c.lex(sql)
	list := statements(toks)
	switch {
	case err != nil:
		c.fail(err)
	case len(list) == 0:
		c.put('I', nil)
	}
	for _, one := range list {
		if err != nil {
			break
		}
		var r *result
		r, err = c.execute(one, sql, nil)
		if r != nil && (err == nil || len(r.columns) > 0) {
			c.answer(r, err == nil, true)
		}
		if err != nil {
			c.fail(err)
		}
		if c.lost != nil {
			return c.lost
		}
	}
	c.ready()
	return nil
}

// maxOut is how much of an answer waits to be sent.
const maxOut = 64 << 10

// lex cuts statements into words, which count as the message does.
func (c *client) lex(sql string) ([]token, *problem) {
	toks, err := lex(sql)
	if err == nil && !c.hears(perToken*len(toks)) {
		return nil, outOfMemory()
	}
	return toks, err
}

// answer sends a result.
func (c *client) answer(r *result, whole, describe bool) {
	for _, n := range r.notices {
		n.send(c.wire)
	}
	if r.columns != nil && describe {
		c.columns(r.columns)
	}
	if !whole {
		return
	}
	for _, row := range r.rows {
		c.row(row)
		if len(c.out) > maxOut && c.flush() != nil {
			return
		}
	}
	c.put('C', zero(r.tag))
	for _, p := range r.params {
		c.parameter(p[0], p[1])
	}
}

// What statements and portals of a session may take: their number, and bytes
// of both together.
const (
	maxPrepared = 256
	maxHeld     = 8 << 20
	perToken    = 96
)

// fits reports whether n more bytes of statements and portals may be held, and counts
// them.
func (c *client) fits(n int) bool {
	for name, s := range c.prepared {
		n += len(name) + len(s.sql) + perToken*len(s.toks)
	}
	for name, p := range c.portals {
		n += len(name) + len(p.sql)
		for _, v := range p.params {
			n += perValue + len(v.text)
		}
	}
	before := c.stored
	if c.stored = n; n <= maxHeld && c.settle() {
		return true
	}
	c.stored = before
	return false
}

func outOfMemory() *problem {
	return wrong("53200", "mcxt.c", 1041, "MemoryContextAlloc", "out of memory")
}

func (c *client) parse(b []byte) *problem {
	id, rest, _ := bytes.Cut(b, []byte{0})
	sql := cstring(rest)
	c.record(sql)
	toks, err := c.lex(sql)
	if err != nil {
		return err
	}
	list := statements(toks)
	if len(list) > 1 {
		return wrong("42601", "postgres.c", 1419, "exec_parse_message", "cannot insert multiple commands into a prepared statement")
	}
	n := string(id)
	if _, taken := c.prepared[n]; taken && n != "" {
		return wrong("42P05", "prepare.c", 412, "StorePreparedStatement", `prepared statement "%s" already exists`, n)
	}
	if len(c.prepared) >= maxPrepared {
		clear(c.prepared)
	}
	if !c.fits(perToken*len(toks) + len(sql)) {
		return outOfMemory()
	}
	s := prepared{sql: sql}
	if len(list) == 1 {
		if s, err = c.understand(sql, list[0]); err != nil {
			return err
		}
	}
	c.prepared[n] = s
	c.put('1', nil)
	return nil
}

// understand reads a statement before its parameters are known.
func (c *client) understand(sql string, toks []token) (prepared, *problem) {
	s := prepared{sql: sql, toks: toks}
	if toks[0].text != "select" {
		if verbs()[toks[0].text] == nil {
			return s, near(toks[0])
		}
		return s, nil
	}
	if c.backslash(sql) != nil {
		return s, nil
	}
	p := &parser{c: c, toks: toks, source: sql, kinds: map[int]uint32{}}
	q, err := p.query()
	s.query, s.count = q, p.most
	if q != nil {
		q.params = p.kinds
	}
	return s, err
}

func (c *client) bind(b []byte) *problem {
	to, rest, _ := bytes.Cut(b, []byte{0})
	from, rest, _ := bytes.Cut(rest, []byte{0})
	s, ok := c.prepared[string(from)]
	if !ok {
		if len(from) == 0 {
			return wrong("26000", "postgres.c", 1648, "exec_bind_message", "unnamed prepared statement does not exist")
		}
		return wrong("26000", "prepare.c", 451, "FetchPreparedStatement", `prepared statement "%s" does not exist`, from)
	}
	params, ok := bound(rest)
	if !ok {
		return wrong("08P01", "pqformat.c", 526, "pq_getmsgbytes", "insufficient data left in message")
	}
	if len(params) != s.count {
		return wrong("08P01", "postgres.c", 1674, "exec_bind_message", `bind message supplies %d parameters, but prepared statement "%s" requires %d`, len(params), from, s.count)
	}
	if len(c.portals) >= maxPrepared {
		clear(c.portals)
	}
	size := 0
	for _, v := range params {
		size += perValue + len(v.text)
	}
	if !c.fits(size) {
		return outOfMemory()
	}
	c.portals[string(to)] = portal{s, params}
	c.put('2', nil)
	return nil
}

// bound reads the parameters of a Bind message.
func bound(b []byte) (out []value, ok bool) {
	take := func(n int) []byte {
		if n < 0 || n > len(b) {
			ok = false
			return make([]byte, 4)
		}
		part := b[:n]
		b = b[n:]
		return part
	}
	ok = true
	take(2 * int(binary.BigEndian.Uint16(take(2)))) // formats: all are taken for text
	for n := int(binary.BigEndian.Uint16(take(2))); n > 0 && ok; n-- {
		size := int32(binary.BigEndian.Uint32(take(4)))
		if size < 0 {
			out = append(out, value{null: true, kind: tText})
			continue
		}
		out = append(out, text(string(take(int(size)))))
	}
	return out, ok
}

func (c *client) describe(b []byte) *problem {
	if len(b) < 2 {
		return wrong("08P01", "pqformat.c", 526, "pq_getmsgbytes", "insufficient data left in message")
	}
	n := cstring(b[1:])
	var s prepared
	var ok bool
	if b[0] == 'S' {
		if s, ok = c.prepared[n]; !ok {
			return wrong("26000", "prepare.c", 451, "FetchPreparedStatement", `prepared statement "%s" does not exist`, n)
		}
		body := binary.BigEndian.AppendUint16(nil, uint16(s.count))
		for i := range s.count {
			body = binary.BigEndian.AppendUint32(body, s.query.params[i+1])
		}
		c.put('t', body)
	} else {
		p, found := c.portals[n]
		if s, ok = p.prepared, found; !ok {
			return wrong("34000", "postgres.c", 2669, "exec_describe_portal_message", `portal "%s" does not exist`, n)
		}
	}
	switch {
	case s.query != nil:
		c.columns(s.query.columns())
	case s.toks != nil && s.toks[0].text == "show":
		c.columns([]column{{name: s.toks[len(s.toks)-1].text, kind: tText}})
	case s.toks != nil && c.backslash(s.sql) != nil:
		c.columns(c.backslash(s.sql).columns)
	default:
		c.put('n', nil)
	}
	return nil
}

func (c *client) run(n string) *problem {
	p, ok := c.portals[n]
	if !ok {
		return wrong("34000", "postgres.c", 2071, "exec_execute_message", `portal "%s" does not exist`, n)
	}
	if len(p.toks) == 0 {
		c.put('I', nil)
		return nil
	}
	c.effort = 0
	r, err := c.execute(p.toks, p.sql, p.params)
	if err != nil {
		return err
	}
	c.answer(r, true, false)
	return nil
}

func (c *client) close(b []byte) {
	if len(b) > 1 {
		n := cstring(b[1:])
		if b[0] == 'S' {
			delete(c.prepared, n)
		} else {
			delete(c.portals, n)
		}
		c.fits(0)
	}
	c.put('3', nil)
}
