package notify

import (
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// MaxBody bounds the body of one delivery, in bytes.
const MaxBody = 1 << 20

// Format writes an event the way one kind of receiver reads it. Every format
// passes formattest.Run.
type Format interface {
	// Name is what a webhook's `format` key says, lower case.
	Name() string
	// Render returns the request's body and its Content-Type. It is a pure
	// function of e: a repeated delivery has the same body. The body is at
	// most MaxBody bytes and holds no raw control characters.
	Render(e event.Event) (body []byte, contentType string, err error)
}

// Keyed is a format whose receiver knows the sender by a key in the body
// instead of a signature. The webhook's secret is that key. Render leaves the
// key's place empty.
type Keyed interface {
	Format
	// CheckKey reports why a secret cannot be the key. Its errors do not show it.
	CheckKey(key redact.Secret) error
	// RenderKeyed is Render with the key in its place.
	RenderKeyed(e event.Event, key redact.Secret) (body []byte, contentType string, err error)
}

// Templated is a format whose body the operator writes.
type Templated interface {
	Format
	// CheckTemplate reports why a text cannot be a template.
	CheckTemplate(text string) error
	// RenderTemplate is Render with the operator's text; empty: that of Render.
	RenderTemplate(e event.Event, text string) (body []byte, contentType string, err error)
}

// checkTemplate refuses a template that its format does not know what to do with.
func checkTemplate(text string, f Format) error {
	t, ok := f.(Templated)
	switch {
	case text == "" || f == nil:
		return nil
	case !ok:
		return fmt.Errorf("template is for the format template; %s writes its own text", f.Name())
	}
	return t.CheckTemplate(text)
}

func findFormat(name string, formats []Format) Format {
	for _, f := range formats {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

func unknownFormat(name string, formats []Format) error {
	known := make([]string, 0, len(formats))
	for _, f := range formats {
		known = append(known, f.Name())
	}
	return fmt.Errorf("format %q is not known; known are %s", name, strings.Join(known, ", "))
}

// render calls the format. A format that panics on an event spoils that
// delivery, not the server.
func (n *Notifier) render(s Subscription, e event.Event, secret []byte) (body []byte, contentType string, err error) {
	format := s.Format
	f := findFormat(format, n.deps.Formats)
	if f == nil {
		return nil, "", unknownFormat(format, n.deps.Formats)
	}
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("format %s panicked on %s", format, e.Topic)
		}
	}()
	if body, contentType, err = call(f, s, e, secret); err != nil {
		return nil, "", fmt.Errorf("rendering %s as %s: %w", e.Topic, format, err)
	}
	if len(body) > MaxBody {
		return nil, "", fmt.Errorf("rendering %s as %s: body of %d bytes is larger than %d", e.Topic, format, len(body), MaxBody)
	}
	return body, contentType, nil
}

func call(f Format, s Subscription, e event.Event, secret []byte) ([]byte, string, error) {
	switch f := f.(type) {
	case Keyed:
		return f.RenderKeyed(e, redact.NewSecret(string(secret)))
	case Templated:
		return f.RenderTemplate(e, s.Template)
	}
	return f.Render(e)
}

// Formats lists the formats there are.
func (n *Notifier) Formats() []Format { return n.deps.Formats }
