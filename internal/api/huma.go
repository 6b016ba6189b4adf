package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"go.cordon.dev/cordon/internal/event"
)

// description opens docs/openapi.json.
const description = "Cordon's API. Programs authenticate with an API key (Authorization: Bearer cdn_...), people with a session cookie. " +
	"With a cookie, requests that change something carry the header X-Cordon-Request: 1. " +
	"Errors are problem details (RFC 9457): detail says what is wrong, where, and what to do. " +
	"Times are RFC 3339 in UTC. Lists are newest first and paged by an opaque cursor."

// newHuma returns the framework's side of the API: what is accepted and how
// answers are written. Routes it adds itself (docs, schemas) stay off, because
// they would load scripts from elsewhere.
func newHuma(mux *http.ServeMux, s *server) huma.API {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Cordon", Version: "1", Description: description,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: "cordon_session", Description: "Set by POST /api/v1/login."},
					"apiKey":  {Type: "http", Scheme: "bearer", Description: "An API key: cdn_ and 43 characters."},
				},
			},
			Tags: tags(),
		},
		Formats:                      map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()}, // json: of types that end in +json
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{explain},
	}
	api := humago.New(mux, config)
	api.UseMiddleware(noteRoute, s.strictQuery, s.admit, s.inTurn)
	return api
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "session", Description: "Setting up, logging in and out."},
		{Name: "leak", Description: "What the leak sensor found and watches."},
		{Name: "egress", Description: "What may leave, and what was decided about it."},
		{Name: "deception", Description: "Deckies, and what was done to them."},
		{Name: "anomalies", Description: "What was more than chance in what other programs report."},
		{Name: "response", Description: "What is done about it: the block list, which firewalls pull, and playbooks."},
		{Name: "gossip", Description: "Gossip gateways: how they fare, and what operators have them withhold."},
		{Name: "rules", Description: "What is looked for. The operations on patterns are the same under the names of SHHH."},
		{Name: "node", Description: "How this node is doing."},
		{Name: "backup", Description: "Copies of the whole database."},
		{Name: "events", Description: "The event log, also live, and what other processes of Cordon and other programs say."},
		{Name: "webhooks", Description: "Who is told of what, and how that goes."},
		{Name: "access", Description: "Who may do what."},
		{Name: "audit", Description: "Who did what, and the proof of it."},
	}
}

// writePlain writes JSON that neither a browser, which may take it for HTML, nor a
// terminal obeys.
func writePlain(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(event.PlainJSON(b), '\n'))
	return err
}

// strictJSON reads one JSON value of valid UTF-8 and writes JSON that is safe
// whatever shows it.
func strictJSON() huma.Format {
	return huma.Format{
		Marshal: writePlain,
		Unmarshal: func(b []byte, v any) error {
			if later, ok := v.(*EventsBody); ok { // it is read once its form is known
				return later.UnmarshalJSON(b)
			}
			if !utf8.Valid(b) {
				return errors.New("the body is not valid UTF-8")
			}
			if err := json.Unmarshal(b, v); err != nil {
				return fmt.Errorf("the body is not the JSON that is expected: %w", err)
			}
			if generic, ok := v.(*any); ok {
				return checkFields(*generic)
			}
			return nil
		},
	}
}

// checkFields refuses names of fields that no operation has by their form. The
// framework and encoding/json take Action, and even a long s for an s, for
// action, but check only one of them against the schema when both are there.
func checkFields(v any) error {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if err := checkFields(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, e := range v {
			if !fieldName(name) {
				return fmt.Errorf("field %.64q is not known; names of fields are lower case", name)
			}
			if err := checkFields(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func fieldName(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' })
}

// nullInEnums mends what the framework leaves out: by JSON Schema, a value that
// may be null and has an enumeration may be null only if that says so.
func nullInEnums(schemas map[string]*huma.Schema) {
	for _, s := range schemas {
		for _, p := range s.Properties {
			if p.Nullable && len(p.Enum) > 0 {
				p.Enum = append(p.Enum, nil)
			}
		}
	}
}

// OpenAPI returns the API's description, as docs/openapi.json holds it.
func OpenAPI() ([]byte, error) {
	a, _ := build(Deps{})
	return a.document()
}

func (s *server) document() ([]byte, error) {
	b, err := json.Marshal(s.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("encoding openapi: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, fmt.Errorf("indenting openapi: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
