package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnreachable is matched by errors.Is when the database's server does not
// answer: it is down, starts, stops, or takes no more connections. What was to
// be written is not known to be stored: try again.
var ErrUnreachable = errors.New("the database does not answer: check that its server runs and that store.url is right")

// verdict is what an error of a database means, and what a person can do.
type verdict struct {
	kind   kind
	advice string
}

// kind is whom an error speaks against.
type kind int

const (
	plain   kind = iota // the statement
	ill                 // the database
	away                // the way to the server
	crossed             // nobody: two transactions got into each other's way
)

// judge reads what a database answered; the zero verdict when it was none.
func judge(err error) verdict {
	for _, one := range []func(error) (verdict, bool){judgeSQLite, judgePostgres, judgeMaria} {
		if v, known := one(err); known {
			return v
		}
	}
	return verdict{}
}

func judgedBy[K comparable](verdicts map[K]verdict, code K) verdict { return verdicts[code] }

// isLost reports whether an error of a connection says that there is none any
// more. (Of a job's own error it says nothing: io.EOF has many causes.)
func isLost(err error) bool {
	if v := judge(err); v != (verdict{}) {
		return v.kind == away
	}
	for _, lost := range []error{driver.ErrBadConn, mysql.ErrInvalidConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, lost) {
			return true
		}
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect)
}

// explain adds to an error of the database what a person can do about it.
func explain(err error) error {
	if err == nil || errors.Is(err, ErrUnreachable) {
		return err
	}
	if isLost(err) {
		return fmt.Errorf("%w (%w)", ErrUnreachable, err)
	}
	return advise(err)
}

// advise does so for an error that may be a job's own.
func advise(err error) error {
	if v := judge(err); v.advice != "" {
		return fmt.Errorf("%s: %w", v.advice, err)
	}
	return err
}

// isIllness reports whether an error says that the store is unwell.
func isIllness(err error) bool { return judge(err).kind == ill }

// isCrossed reports whether the database undid a transaction for another's sake.
func isCrossed(err error) bool { return judge(err).kind == crossed }

// passes reports whether what broke a transaction may be over in a moment.
func passes(err error) bool { return isLost(err) || isCrossed(err) }
