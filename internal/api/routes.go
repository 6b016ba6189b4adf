package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// prefix is where the API's version begins.
const prefix = "/api/v1"

// requestDeadline bounds the work of one request; the stream has none.
const requestDeadline = 15 * time.Second

// maxBody is the largest request body in bytes.
const maxBody = 64 << 10

// route is one operation: how it is called, by whom, and what it is for.
type route struct {
	call    string // method and path below prefix
	gate    gate   // who may
	id      string // operationId: the generated clients' name for it
	tag     string
	summary string
	more    string // what the summary does not say
	status  int    // of success, when it is not 200 or 204
	errors  []int  // besides 401 and 403 of the gate, 422, 500 and 503
}

// routes lists every operation, each with who may call it.
func (s *server) routes() {
	handle(s, route{call: "GET /setup", gate: public, id: "getSetup", tag: "session", summary: "Whether the first user is still to be made"}, s.setupState)
	handle(s, route{call: "POST /setup", gate: public, id: "setup", tag: "session", summary: "Make the first administrator and log in",
		more: "Takes the one-time token of the setup link, which cordon serve prints and which is good for 15 minutes.", status: 201, errors: []int{403, 409}}, s.setup)
	handle(s, route{call: "POST /login", gate: public, id: "login", tag: "session", summary: "Log in",
		more: "Sets the session cookie. The answer to an unknown name and to a wrong password is the same. Guessing is slowed down: 429 with Retry-After.", errors: []int{401, 429}}, s.login)
	handle(s, route{call: "POST /logout", gate: signedIn, id: "logout", tag: "session", summary: "Log out",
		more: "Ends the session of the cookie, if there is one."}, s.logout)
	handle(s, route{call: "GET /me", gate: signedIn, id: "getMe", tag: "session", summary: "Who the caller is"}, s.me)

	handle(s, route{call: "GET /overview", gate: viewer, id: "getOverview", tag: "leak", summary: "Counters, the last hours, and the sources"}, s.overview)
	handle(s, route{call: "GET /quarantine", gate: viewer, id: "listQuarantine", tag: "leak", summary: "List quarantine entries"}, s.listQuarantine)
	handle(s, route{call: "GET /quarantine/{id}", gate: viewer, id: "getQuarantine", tag: "leak", summary: "Show a quarantine entry",
		more: "The ETag changes with every review; give it as If-Match when reviewing.", errors: []int{404}}, s.getQuarantine)
	handle(s, route{call: "POST /quarantine/{id}/review", gate: reviewer, id: "reviewQuarantine", tag: "leak", summary: "Judge a quarantine entry",
		more: "A later review replaces an earlier one; the audit log keeps both. With an Idempotency-Key a repeated request gets the first answer again.", errors: []int{404, 409, 412}}, s.reviewQuarantine)
	handle(s, route{call: "GET /findings", gate: viewer, id: "listFindings", tag: "leak", summary: "List findings",
		more: "Every match of a rule, also those too weak for quarantine."}, s.listFindings)
	handle(s, route{call: "GET /sources", gate: viewer, id: "listSources", tag: "leak", summary: "List the leak sources"}, s.listSources)
	handle(s, route{call: "GET /metrics/detection", gate: viewer, id: "getDetectionMetrics", tag: "leak", summary: "Counters per day",
		more: "Without from and to: the last 30 days."}, s.detectionMetrics)

	handle(s, route{call: "GET /health", gate: viewer, id: "getHealth", tag: "node", summary: "How the node is doing"}, s.health)
	huma.Register(s.huma, streamOperation(), s.stream)

	handle(s, route{call: "GET /users", gate: admin, id: "listUsers", tag: "access", summary: "List users"}, s.listUsers)
	handle(s, route{call: "POST /users", gate: admin, id: "createUser", tag: "access", summary: "Add a user", status: 201, errors: []int{409}}, s.createUser)
	handle(s, route{call: "PUT /users/{name}/password", gate: signedIn, id: "setPassword", tag: "access", summary: "Replace a password",
		more: "An admin may set anyone's; everybody else their own, for which the current one is needed. All sessions of the user end, except that of the caller.", errors: []int{404, 429}}, s.setPassword)
	handle(s, route{call: "GET /api-keys", gate: admin, id: "listAPIKeys", tag: "access", summary: "List API keys"}, s.listKeys)
	handle(s, route{call: "POST /api-keys", gate: admin, id: "createAPIKey", tag: "access", summary: "Make an API key",
		more: "The answer holds the key itself; no other ever does.", status: 201, errors: []int{409}}, s.createKey)
	handle(s, route{call: "DELETE /api-keys/{name}", gate: admin, id: "revokeAPIKey", tag: "access", summary: "Revoke an API key",
		more: "It is refused from now on; its open streams end.", errors: []int{404}}, s.revokeKey)
}

// handle registers an operation whose errors become problems and whose work
// has a deadline.
func handle[I, O any](s *server, r route, h func(context.Context, *I) (*O, error)) {
	huma.Register(s.huma, r.operation(), func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, requestDeadline)
		defer cancel()
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.answer(ctx, err)
		}
		return out, nil
	})
}

func (r route) operation() huma.Operation {
	method, path, _ := strings.Cut(r.call, " ")
	op := huma.Operation{
		OperationID: r.id, Method: method, Path: prefix + path, Summary: r.summary, Description: r.more, Tags: []string{r.tag},
		DefaultStatus: r.status, MaxBodyBytes: maxBody, Errors: append([]int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable}, r.errors...),
		Metadata:   map[string]any{gateKey: r.gate},
		Extensions: map[string]any{roleExtension: string(r.gate)},
		Security:   []map[string][]string{},
	}
	if method != http.MethodGet { // the body, and requests from another site's page
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if r.gate != public {
		op.Security = []map[string][]string{{"session": {}}, {"apiKey": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	return op
}
