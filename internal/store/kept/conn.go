package kept

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
)

// Limits of what one connection keeps.
const (
	maxKept   = 256
	maxMarked = 400 // values of one statement; one that has more inserts many rows
)

// Connector returns a connector whose connections keep their statements. The inner one's
// must have the methods of modernc.org/sqlite's, those of [database/sql/driver] that take a
// context.
func Connector(inner driver.Connector) driver.Connector { return connector{inner} }

type connector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	known, ok := partsOf(inner)
	if !ok {
		return nil, errors.Join(fmt.Errorf("keeping statements: a connection of %T lacks methods", inner), inner.Close())
	}
	return &conn{parts: known, byText: map[string]*list.Element{}, used: list.New()}, nil
}

// parts are what a connection is asked for.
type parts struct {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

func partsOf(c driver.Conn) (p parts, ok bool) {
	var has [7]bool
	p.Conn = c
	p.ConnBeginTx, has[0] = c.(driver.ConnBeginTx)
	p.ConnPrepareContext, has[1] = c.(driver.ConnPrepareContext)
	p.ExecerContext, has[2] = c.(driver.ExecerContext)
	p.QueryerContext, has[3] = c.(driver.QueryerContext)
	p.Pinger, has[4] = c.(driver.Pinger)
	p.SessionResetter, has[5] = c.(driver.SessionResetter)
	p.Validator, has[6] = c.(driver.Validator)
	return p, !slices.Contains(has[:], false)
}

// compiled is what a compiled statement is asked for.
type compiled interface {
	driver.StmtExecContext
	driver.StmtQueryContext
	Close() error
}

// conn is a connection that keeps statements. database/sql has one goroutine use it at a
// time.
type conn struct {
	parts
	byText map[string]*list.Element
	used   *list.List // of *statement: what was used last comes first
}

// statement is a compiled one.
type statement struct {
	compiled
	text string
	busy bool // its rows are being read
}

// Close implements driver.Conn.
func (c *conn) Close() error {
	for e := c.used.Front(); e != nil; e = e.Next() {
		_ = e.Value.(*statement).Close() // it goes with the connection
	}
	c.byText, c.used = map[string]*list.Element{}, list.New()
	return c.parts.Close()
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, values := c.statement(ctx, text, args)
	if s == nil {
		return c.parts.ExecContext(ctx, text, args)
	}
	res, err := s.ExecContext(ctx, values)
	if err != nil {
		c.drop(s)
	}
	return res, err
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, values := c.statement(ctx, text, args)
	if s == nil {
		return c.parts.QueryContext(ctx, text, args)
	}
	inner, err := s.QueryContext(ctx, values)
	if err != nil {
		c.drop(s)
		return nil, err
	}
	s.busy = true
	return &rows{inner, s}, nil
}

// statement is the compiled form of a text, with its values; nil when there is none to
// keep.
func (c *conn) statement(ctx context.Context, text string, args []driver.NamedValue) (*statement, []driver.NamedValue) {
	if len(args) == 0 {
		lifted, values, ok := lift(text)
		if !ok {
			return nil, nil
		}
		text, args = lifted, named(values)
	}
	if len(args) > maxMarked || len(text) > maxText {
		return nil, nil
	}
	return c.compile(ctx, text), args
}

func named(values []any) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}

// compile finds a statement or compiles it; nil when its rows are being read, and when
// it cannot be compiled: SQLite takes a text for a name in places, where no mark may
// stand, and what is wrong with the statement as it was written, that one says best.
func (c *conn) compile(ctx context.Context, text string) *statement {
	if e, ok := c.byText[text]; ok {
		c.used.MoveToFront(e)
		if s := e.Value.(*statement); !s.busy {
			return s
		}
		return nil
	}
	inner, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil
	}
	known, ok := inner.(compiled)
	if !ok {
		_ = inner.Close()
		return nil
	}
	s := &statement{compiled: known, text: text}
	c.byText[text] = c.used.PushFront(s)
	c.shrink()
	return s
}

// shrink forgets what was not used for longest.
func (c *conn) shrink() {
	for e := c.used.Back(); e != nil && c.used.Len() > maxKept; {
		s := e.Value.(*statement)
		e = e.Prev()
		if !s.busy {
			c.drop(s)
		}
	}
}

// drop forgets a statement, such as one that failed.
func (c *conn) drop(s *statement) {
	if e, ok := c.byText[s.text]; ok && e.Value == s {
		c.used.Remove(e)
		delete(c.byText, s.text)
	}
	_ = s.Close() // nothing is lost with it
}
