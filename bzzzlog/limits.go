package bzzzlog

import (
	"errors"
	"fmt"
)

// Limits bound what a hostile input can cost. Zero fields have defaults.
type Limits struct {
	// MaxBytes is the largest message, entry or line, in bytes. If 0, 16 MiB.
	MaxBytes int
	// MaxDepth is how deep objects and arrays may nest. If 0, 256.
	MaxDepth int
	// MaxValues is how many values and keys one input may hold. If 0, 2^20.
	MaxValues int
}

const (
	defaultBytes  = 16 << 20
	defaultDepth  = 256
	defaultValues = 1 << 20
)

func (l Limits) withDefaults() Limits {
	l.MaxBytes = orDefault(l.MaxBytes, defaultBytes)
	l.MaxDepth = orDefault(l.MaxDepth, defaultDepth)
	l.MaxValues = orDefault(l.MaxValues, defaultValues)
	return l
}

func orDefault(v, def int) int {
	if v <= 0 {
		return def
	}
	return v
}

// Errors that callers tell apart with errors.Is.
var (
	// ErrSyntax: the input is not one JSON value.
	ErrSyntax = errors.New("not valid JSON")
	// ErrTooLarge, ErrTooDeep, ErrTooWide: over a field of Limits.
	ErrTooLarge = errors.New("too large")
	ErrTooDeep  = errors.New("nested too deeply")
	ErrTooWide  = errors.New("too many values")
	// ErrNotMessage, ErrNotEntry: JSON, but not of this form.
	ErrNotMessage = errors.New("not a BZZZ message")
	ErrNotEntry   = errors.New("not a BZZZ log entry")
	// ErrDuplicate: a member that gives the thing its meaning is there twice,
	// so that two readers may understand it differently.
	ErrDuplicate = errors.New("ambiguous: a member is there twice")
	// ErrHash, ErrLink, ErrIndex: the chain is broken.
	ErrHash  = errors.New("hash does not match the content")
	ErrLink  = errors.New("prev_hash is not the hash of the entry before")
	ErrIndex = errors.New("index does not follow the entry before")
	// ErrTorn: the last line has no line end.
	ErrTorn = errors.New("last line has no line end: torn, or still being written")
)

func syntaxError(at int, what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrSyntax, what, at)
}
