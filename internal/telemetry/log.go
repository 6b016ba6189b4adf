package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// The formats of the log.
const (
	FormatJSON = "json" // one JSON object a line, for machines
	FormatText = "text" // key=value, for terminals
)

// CorrelationKey is the log attribute that holds the correlation id.
const CorrelationKey = "correlation_id"

// LogOptions are the settings of the log.
type LogOptions struct {
	Level  string // debug, info, warn or error, in any case. If empty, info.
	Format string // FormatJSON or FormatText. If empty, FormatJSON.
}

// NewLogger makes a logger that writes to w, one line per record. The returned
// level can be changed while the program runs.
func NewLogger(w io.Writer, o LogOptions) (*slog.Logger, *slog.LevelVar, error) {
	level := new(slog.LevelVar)
	if err := SetLevel(level, o.Level); err != nil {
		return nil, nil, err
	}
	options := &slog.HandlerOptions{Level: level}
	switch o.Format {
	case FormatJSON, "":
		return slog.New(correlator{slog.NewJSONHandler(w, options)}), level, nil
	case FormatText:
		return slog.New(correlator{slog.NewTextHandler(w, options)}), level, nil
	}
	return nil, nil, fmt.Errorf("log format %q is not one of json, text", o.Format)
}

// SetLevel reads a level's name into level; an empty name is info.
func SetLevel(level *slog.LevelVar, name string) error {
	levels := map[string]slog.Level{
		"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	l, ok := levels[strings.ToLower(name)]
	if !ok {
		return fmt.Errorf("log level %q is not one of debug, info, warn, error", name)
	}
	level.Set(l)
	return nil
}

// correlator adds the context's correlation id to every record that does not
// name one itself.
type correlator struct{ slog.Handler }

// Handle implements slog.Handler.
func (c correlator) Handle(ctx context.Context, r slog.Record) error {
	if id := event.Correlation(ctx); id != "" && !names(r, CorrelationKey) {
		r = r.Clone()
		r.AddAttrs(slog.String(CorrelationKey, id))
	}
	return c.Handler.Handle(ctx, r)
}

func names(r slog.Record, key string) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}

// WithAttrs implements slog.Handler.
func (c correlator) WithAttrs(attrs []slog.Attr) slog.Handler {
	return correlator{c.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (c correlator) WithGroup(name string) slog.Handler {
	return correlator{c.Handler.WithGroup(name)}
}
