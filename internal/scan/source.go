package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Source finds inputs. Each calls yield for one after the other, in the order
// in which findings are to be reported, until there are no more or yield
// returns an error, which Each returns.
type Source interface {
	Each(ctx context.Context, yield func(Input) error) error
}

// Input is one thing to scan: a file, a stream, one version of a file.
type Input struct {
	// Name is what findings call it: a slash path as the user would write it.
	Name string
	// Rel is Name as ignore files and allowlists see it, relative to the folder
	// they stand in.
	Rel string
	// Open opens it. An error that wraps ErrSkip is not reported.
	Open func(ctx context.Context) (Content, error)
	// Failed is why it could not even be looked at; Open is nil then.
	Failed error
	// Commit is the commit that added it; empty outside of git.
	Commit string
	// Describe tells who made Commit, and when. If nil, nobody knows.
	Describe func(ctx context.Context, commit string) (Author, error)
	// Before opens the versions that this one replaced: what they held is no
	// finding. If nil, there is none.
	Before []func(ctx context.Context) (Content, error)
}

// Content is an opened input.
type Content struct {
	io.ReadCloser
	// Size is how many bytes it has; negative when that is not known before it
	// has been read.
	Size int64
}

// Author says who made a commit, and when.
type Author struct {
	Name, Mail string
	Date       time.Time
}

// ErrSkip marks an input that there is nothing to say about.
var ErrSkip = errors.New("not an input")

// Join is one source of several, one after the other.
func Join(sources ...Source) Source { return joined(sources) }

type joined []Source

func (j joined) Each(ctx context.Context, yield func(Input) error) error {
	for _, s := range j {
		if err := s.Each(ctx, yield); err != nil {
			return err
		}
	}
	return nil
}

// Stream is a source of one input that is read once.
type Stream struct {
	Name   string
	Reader io.Reader
}

// Each yields the stream.
func (s Stream) Each(_ context.Context, yield func(Input) error) error {
	return yield(Input{Name: s.Name, Rel: s.Name, Open: func(context.Context) (Content, error) {
		return Content{io.NopCloser(s.Reader), -1}, nil
	}})
}

// tooLarge is the reason for leaving out what is above a limit of the user's.
func tooLarge(size, most int64) error {
	return fmt.Errorf("it has %d bytes, more than the limit of %d", size, most)
}
