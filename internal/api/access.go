package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"go.cordon.dev/cordon/internal/auth"
)

// gate says who may call an operation.
type gate string

// The gates. The others are the names of the roles.
const (
	public   gate = "public" // everybody
	signedIn gate = "any"    // everybody who is known, whatever the role

	viewer   = gate(auth.Viewer)
	reviewer = gate(auth.Reviewer)
	admin    = gate(auth.Admin)

	responder = gate(auth.Responder)
)

// gateKey is where an operation's metadata holds its gate, roleExtension where
// the OpenAPI document does; reportsKey is where it holds route.reports.
const (
	gateKey       = "gate"
	reportsKey    = "reports"
	roleExtension = "x-role"
)

// admit lets through whoever the operation's gate admits. An operation without
// a gate admits nobody.
func (s *server) admit(ctx huma.Context, next func(huma.Context)) {
	g, _ := ctx.Operation().Metadata[gateKey].(gate)
	p, known := auth.PrincipalFrom(ctx.Context())
	area, write := areaOf(ctx.Operation())
	switch {
	case known && g != public && area != sessionArea && !p.Scopes.Allow(area, write):
		s.refuse(ctx, problem(http.StatusForbidden, "%s is narrowed to the scopes %s, and this needs %s:%s", p.Label(), p.Scopes, area, map[bool]string{false: "read", true: "write"}[write]))
	case g == public, known && g == signedIn, known && p.Role.Includes(auth.Role(g)):
		next(ctx)
	case !known:
		ctx.SetHeader("WWW-Authenticate", "Bearer")
		s.refuse(ctx, problem(http.StatusUnauthorized, "log in, or send an API key as: Authorization: Bearer cdn_..."))
	default:
		s.refuse(ctx, problem(http.StatusForbidden, "this needs the role %s, and %s has the role %s; ask an admin", g, p.Label(), p.Role))
	}
}

// inTurn has large bodies wait for each other.
func (s *server) inTurn(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	if ctx.Operation().MaxBodyBytes <= largeBody || r.ContentLength >= 0 && r.ContentLength <= largeBody {
		next(ctx)
		return
	}
	select {
	case s.large <- struct{}{}:
		defer func() { <-s.large }()
		next(ctx)
	case <-r.Context().Done(): // the caller has gone
	}
}

// sessionArea is what every key may ask, however it is narrowed: who it is.
const sessionArea = "session"

// areaOf says which scope of a key covers an operation: its tag, and whether it
// changes something, or is read by those who do.
func areaOf(op *huma.Operation) (area string, write bool) {
	if len(op.Tags) > 0 {
		area = op.Tags[0]
	}
	reports, _ := op.Metadata[reportsKey].(bool)
	return area, reports || !safe(op.Method)
}

// checkScopes refuses scopes of areas that there are not.
func (s *server) checkScopes(scopes []string) error {
	var areas []string
	for _, t := range s.huma.OpenAPI().Tags {
		if t.Name != sessionArea {
			areas = append(areas, t.Name)
		}
	}
	for _, scope := range scopes {
		if area, _, _ := strings.Cut(scope, ":"); !slices.Contains(areas, area) {
			return invalid("body.scopes", "area "+strconv.Quote(area)+" is not one of "+strings.Join(areas, ", "))
		}
	}
	return nil
}

// strictQuery refuses what a query parser would silently drop or mend.
func (s *server) strictQuery(ctx huma.Context, next func(huma.Context)) {
	u := ctx.URL()
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		s.refuse(ctx, invalid("query", "cannot be read; percent-encode special characters"))
		return
	}
	for name, vs := range values {
		if why := badParameter(vs, repeats(ctx.Operation(), name)); why != "" {
			s.refuse(ctx, invalid("query."+strings.ToValidUTF8(name, "?"), why))
			return
		}
	}
	next(ctx)
}

func badParameter(values []string, repeats bool) string {
	if len(values) > 1 && !repeats {
		return "is given more than once"
	}
	if len(values) > 16 {
		return "is given more than 16 times"
	}
	for _, v := range values {
		if !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) {
			return "holds control characters or is not valid UTF-8"
		}
	}
	return ""
}

// repeats reports whether an operation takes a query parameter several times.
func repeats(op *huma.Operation, name string) bool {
	for _, p := range op.Parameters {
		if p.In == "query" && p.Name == name {
			return p.Explode != nil && *p.Explode
		}
	}
	return true // unknown: refused by name later
}

func (s *server) refuse(ctx huma.Context, p *Problem) {
	ctx.SetHeader("Content-Type", "application/problem+json")
	ctx.SetStatus(p.Status)
	_ = s.huma.Marshal(ctx.BodyWriter(), "application/json", p) // the peer is gone when this fails
}
