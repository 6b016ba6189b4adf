package api

import (
	"cmp"
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

// maxBody is the largest request body in bytes, of an operation that says nothing else.
const maxBody = 64 << 10

// MaxBody is the largest request body of any operation, in bytes: what stands before the
// API has to let so much come in.
const MaxBody = maxPolicyBody

// What is large, and how much of that is read and checked at a time: it takes many times
// its size meanwhile.
const (
	largeBody = 1 << 20
	mostLarge = 4
)

// route is one operation: how it is called, by whom, and what it is for.
type route struct {
	call    string // method and path below prefix
	gate    gate   // who may
	id      string // operationId: the generated clients' name for it
	tag     string
	summary string
	more    string        // what the summary does not say
	status  int           // of success, when it is not 200 or 204
	within  time.Duration // its deadline; 0: requestDeadline
	body    int64         // its largest body in bytes; 0: maxBody
	reports bool          // a program that writes to this area reads this to do so: with a key that may write there
	forms   bool          // the body has more forms than one, and the operation checks it
	errors  []int         // besides 401 and 403 of the gate, 422, 500 and 503

	answers map[string]*huma.MediaType // by media type, when it is not one of JSON alone
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
	handle(s, route{call: "GET /me/sessions", gate: signedIn, id: "listSessions", tag: "session", summary: "List where the caller is logged in"}, s.listSessions)
	handle(s, route{call: "DELETE /me/sessions/{id}", gate: signedIn, id: "endSession", tag: "session", summary: "End one of the caller's sessions", errors: []int{404}}, s.endSession)

	handle(s, route{call: "GET /overview", gate: viewer, id: "getOverview", tag: "leak", summary: "Counters, the last hours, and the sources"}, s.overview)
	handle(s, route{call: "GET /quarantine", gate: viewer, id: "listQuarantine", tag: "leak", summary: "List quarantine entries"}, s.listQuarantine)
	handle(s, route{call: "GET /quarantine/{id}", gate: viewer, id: "getQuarantine", tag: "leak", summary: "Show a quarantine entry",
		more: "The ETag changes with every review; give it as If-Match when reviewing.", errors: []int{404}}, s.getQuarantine)
	handle(s, route{call: "POST /quarantine/{id}/review", gate: reviewer, id: "reviewQuarantine", tag: "leak", summary: "Judge a quarantine entry",
		more: "A later review replaces an earlier one; the audit log keeps both. With an Idempotency-Key a repeated request gets the first answer again.", errors: []int{404, 409, 412}}, s.reviewQuarantine)
	handle(s, route{call: "GET /findings", gate: viewer, id: "listFindings", tag: "leak", summary: "List findings",
		more: "Every match of a rule, also those too weak for quarantine."}, s.listFindings)
	handle(s, route{call: "POST /fingerprints/lookup", gate: reviewer, id: "lookUpSecret", tag: "leak", summary: "Find out whether a secret was seen",
		more: "Also what was stored before the installation key was replaced is found. The secret is neither stored nor logged; the audit log has its fingerprint."}, s.lookUp)
	handle(s, route{call: "GET /sources", gate: viewer, id: "listSources", tag: "leak", summary: "List the leak sources"}, s.listSources)
	handle(s, route{call: "GET /metrics/detection", gate: viewer, id: "getDetectionMetrics", tag: "leak", summary: "Counters per day",
		more: "Without from and to: the last 30 days."}, s.detectionMetrics)

	handle(s, route{call: "GET /health", gate: viewer, id: "getHealth", tag: "node", summary: "How the node is doing"}, s.health)
	s.nodeRoutes()
	huma.Register(s.huma, streamOperation(), s.stream)
	huma.Register(s.huma, backupOperation(), s.createBackup)

	handle(s, route{call: "POST /events", gate: responder, id: "takeEvents", tag: "events", summary: "Take events from another process of Cordon, or records of any program",
		more:   "An object with events comes from another process of Cordon; a list of records, such as failed logins, from any program, and is counted by the anomaly sensor. All of a batch or none of it is taken, and what its texts say is redacted. 202 comes once it is on disk: stored, or, while the store is away, in a bounded spool that is stored later. An event is taken once, by its id; a batch of records by its Idempotency-Key, or by the ids of its records.",
		status: 202, body: maxEventsBody, forms: true}, s.takeEvents)
	s.eventRoutes()
	s.incidentRoutes()
	s.anomalyRoutes()
	s.anomalyRuleRoutes()
	s.deckyRoutes()
	s.evidenceRoutes()
	s.attackerRoutes()
	s.ruleRoutes()
	s.egressRoutes()
	s.patternRoutes()
	s.webhookRoutes()
	s.silenceRoutes()
	s.blockRoutes()
	s.playbookRoutes()
	s.gossipRoutes()
	s.auditRoutes()
	handle(s, route{call: "GET /users", gate: admin, id: "listUsers", tag: "access", summary: "List users"}, s.listUsers)
	handle(s, route{call: "POST /users", gate: admin, id: "createUser", tag: "access", summary: "Add a user", status: 201, errors: []int{409}}, s.createUser)
	handle(s, route{call: "PUT /users/{name}", gate: admin, id: "changeUser", tag: "access", summary: "Change a user's role, disable a user or let them in again",
		more: "It takes effect on the next request of each session. The last administrator who may log in stays one.", errors: []int{404, 409}}, s.changeUser)
	handle(s, route{call: "DELETE /users/{name}", gate: admin, id: "deleteUser", tag: "access", summary: "Remove a user",
		more: "The user's sessions end. The API keys that the user made stay. The last administrator who may log in stays.", errors: []int{404, 409}}, s.deleteUser)
	handle(s, route{call: "PUT /users/{name}/password", gate: signedIn, id: "setPassword", tag: "access", summary: "Replace a password",
		more: "An admin may set anyone's; everybody else their own, for which the current one is needed. All sessions of the user end, except that of the caller.", errors: []int{404, 429}}, s.setPassword)
	handle(s, route{call: "GET /api-keys", gate: admin, id: "listAPIKeys", tag: "access", summary: "List API keys"}, s.listKeys)
	handle(s, route{call: "POST /api-keys", gate: admin, id: "createAPIKey", tag: "access", summary: "Make an API key",
		more: "The answer holds the key itself; no other ever does.", status: 201, errors: []int{409}}, s.createKey)
	handle(s, route{call: "DELETE /api-keys/{name}", gate: admin, id: "revokeAPIKey", tag: "access", summary: "Revoke an API key",
		more: "It is refused from now on; its open streams end.", errors: []int{404}}, s.revokeKey)
}

// nodeRoutes lists the operations that look at or change how nodes run.
func (s *server) nodeRoutes() {
	handle(s, route{call: "GET /workers", gate: viewer, id: "listWorkers", tag: "node", summary: "List the workers of all nodes"}, s.listWorkers)
	handle(s, route{call: "POST /workers/{name}/stop", gate: admin, id: "stopWorker", tag: "node", summary: "Stop a worker",
		more: "It stays stopped until it is started again or its node restarts. The answer shows the worker after at most three seconds; one that takes longer to end is not stopped in it yet.", errors: []int{404, 409}}, s.stopWorker)
	handle(s, route{call: "POST /workers/{name}/start", gate: admin, id: "startWorker", tag: "node", summary: "Start a stopped worker again", errors: []int{404, 409}}, s.startWorker)
	handle(s, route{call: "GET /config", gate: admin, id: "getConfig", tag: "node", summary: "Show the configuration in force, secrets redacted", errors: []int{409}}, s.configuration)
	handle(s, route{call: "POST /config/reload", gate: admin, id: "reloadConfig", tag: "node", summary: "Read the configuration file again",
		more: "A file with a mistake changes nothing; the answer names the mistake and its line. The answer also names what differs but needs a restart.", errors: []int{409}}, s.reloadConfig)
}

// webhookRoutes lists the operations on webhooks and their deliveries.
func (s *server) webhookRoutes() {
	handle(s, route{call: "GET /webhooks", gate: admin, id: "listWebhooks", tag: "webhooks", summary: "List the webhooks",
		more: "With the presets and formats that a new one may have."}, s.listWebhooks)
	handle(s, route{call: "POST /webhooks", gate: admin, id: "createWebhook", tag: "webhooks", summary: "Add a webhook",
		more: "Without a secret the server makes one. The answer holds it; no other ever does.", status: 201, errors: []int{409}}, s.createWebhook)
	handle(s, route{call: "GET /webhooks/{id}", gate: admin, id: "getWebhook", tag: "webhooks", summary: "Show a webhook", errors: []int{404}}, s.getWebhook)
	handle(s, route{call: "PUT /webhooks/{id}", gate: admin, id: "updateWebhook", tag: "webhooks", summary: "Change a webhook",
		more: "Replaces all settings; an address or a secret that is absent stays.", errors: []int{404, 409, 412}}, s.updateWebhook)
	handle(s, route{call: "DELETE /webhooks/{id}", gate: admin, id: "removeWebhook", tag: "webhooks", summary: "Remove a webhook",
		more: "What was on its way becomes a dead letter.", errors: []int{404, 409}}, s.removeWebhook)
	handle(s, route{call: "POST /webhooks/{id}/test", gate: admin, id: "testWebhook", tag: "webhooks", summary: "Send a test event and tell how it went",
		more: "It takes the way of every delivery, once, whatever the webhook's state and filters. A failure is an answer too: ok is false then.", errors: []int{404}}, s.testWebhook)
	handle(s, route{call: "POST /webhooks/{id}/enable", gate: admin, id: "enableWebhook", tag: "webhooks", summary: "Let a paused or tripped webhook deliver again",
		more: "Its failures are forgotten, and what waited for it is sent.", errors: []int{404}}, s.enableWebhook)
	handle(s, route{call: "POST /webhooks/{id}/pause", gate: admin, id: "pauseWebhook", tag: "webhooks", summary: "Pause a webhook",
		more: "Nothing more is queued for it; what waits is kept for 72 hours.", errors: []int{404, 409}}, s.pauseWebhook)
	handle(s, route{call: "GET /webhooks/{id}/deliveries", gate: admin, id: "listDeliveries", tag: "webhooks", summary: "List a webhook's deliveries",
		more: "What was delivered is kept for 7 days, dead letters for 30, unless store.retention.deliveries says otherwise.", errors: []int{404}}, s.listDeliveries)
	handle(s, route{call: "POST /webhooks/{id}/deliveries/{delivery}/redeliver", gate: admin, id: "redeliver", tag: "webhooks", summary: "Send a delivery again",
		more: "With the same webhook-id, also when it had been delivered.", errors: []int{404, 409}}, s.redeliver)
	handle(s, route{call: "POST /webhooks/{id}/redeliver", gate: admin, id: "redeliverDead", tag: "webhooks", summary: "Send the dead letters of a webhook again", more: "All of them, or those whose events lie in a range of time.", errors: []int{404, 409}}, s.redeliverDead)
}

// ruleRoutes lists the operations on detection rules.
func (s *server) ruleRoutes() {
	handle(s, route{call: "GET /rules", gate: viewer, id: "listRules", tag: "rules", summary: "List the detection rules"}, s.listRules)
	handle(s, route{call: "POST /rules", gate: admin, id: "createRule", tag: "rules", summary: "Add a custom rule",
		more: "It holds at once, on every node. Examples are tried first; a rule that fails one is not added.", status: 201, body: maxTryBody, errors: []int{409}}, s.createRule)
	handle(s, route{call: "POST /rules/test", gate: reviewer, id: "testRules", tag: "rules", summary: "Try the rules, or a draft of one, on a text",
		more: "The text is neither stored nor logged.", body: maxTryBody}, s.testRules)
	handle(s, route{call: "POST /rules/import", gate: admin, id: "importRules", tag: "rules", summary: "Take over the rules of a file",
		more: "New rules are added, those of an earlier import are made as the file says; others stay. With dry_run nothing is changed.", body: maxImportBody, errors: []int{409}}, s.importRules)
	handle(s, route{call: "GET /rules/{id}", gate: viewer, id: "getRule", tag: "rules", summary: "Show a rule with its history",
		more: "The ETag changes with every change; give it as If-Match when changing.", errors: []int{404}}, s.getRule)
	handle(s, route{call: "PUT /rules/{id}", gate: admin, id: "updateRule", tag: "rules", summary: "Change, enable or disable a rule",
		more: "Absent fields stay as they are. A regex that cannot be taken is refused, and the old one holds on.", errors: []int{404, 409, 412}}, s.updateRule)
	handle(s, route{call: "DELETE /rules/{id}", gate: admin, id: "deleteRule", tag: "rules", summary: "Remove a custom or imported rule",
		more: "Builtin rules are disabled instead.", errors: []int{404, 409, 412}}, s.deleteRule)
}

// patternRoutes lists the same under the names of the sentinel's plan.
func (s *server) patternRoutes() {
	handle(s, route{call: "GET /patterns", gate: viewer, id: "listPatterns", tag: "rules", summary: "List the rules as patterns", more: "An alias of GET /rules."}, s.listPatterns)
	handle(s, route{call: "POST /patterns", gate: admin, id: "createPattern", tag: "rules", summary: "Add a pattern", more: "An alias of POST /rules.", status: 201, errors: []int{409}}, s.createPattern)
	handle(s, route{call: "GET /patterns/{name}", gate: viewer, id: "getPattern", tag: "rules", summary: "Show a pattern", more: "An alias of GET /rules/{id}.", errors: []int{404, 409}}, s.getPattern)
	handle(s, route{call: "POST /patterns/{name}/update", gate: admin, id: "updatePattern", tag: "rules", summary: "Change a pattern", more: "An alias of PUT /rules/{id}.", errors: []int{404, 409}}, s.updatePattern)
	handle(s, route{call: "DELETE /patterns/{name}", gate: admin, id: "deletePattern", tag: "rules", summary: "Remove a pattern", more: "An alias of DELETE /rules/{id}.", errors: []int{404, 409}}, s.deletePattern)
}

// auditRoutes lists the operations on the audit log.
func (s *server) auditRoutes() {
	handle(s, route{call: "GET /audit", gate: admin, id: "listAudit", tag: "audit", summary: "List what was done, and by whom"}, s.listAudit)
	handle(s, route{call: "POST /audit/verify", gate: admin, id: "verifyAudit", tag: "audit", summary: "Verify the whole audit log", within: verifyDeadline,
		more: "Reads every record and every checkpoint. A log with problems is an answer too: ok is false then.", errors: []int{409}}, s.verifyAudit)
	handle(s, route{call: "GET /audit/checkpoint", gate: admin, id: "getAuditCheckpoint", tag: "audit", summary: "Show the newest signed checkpoint",
		more: "Keep it elsewhere: later it proves that the log up to its record is still the same.", errors: []int{404}}, s.lastCheckpoint)
	handle(s, route{call: "POST /audit/checkpoint", gate: admin, id: "makeAuditCheckpoint", tag: "audit", summary: "Sign the audit log as it is now", within: verifyDeadline, errors: []int{409}}, s.makeCheckpoint)
}

// handle registers an operation whose errors become problems and whose work
// has a deadline.
func handle[I, O any](s *server, r route, h func(context.Context, *I) (*O, error)) {
	huma.Register(s.huma, r.operation(), func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, cmp.Or(r.within, requestDeadline))
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
		DefaultStatus: r.status, MaxBodyBytes: cmp.Or(r.body, maxBody), Errors: append([]int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable}, r.errors...),
		Metadata:   map[string]any{gateKey: r.gate, reportsKey: r.reports},
		Extensions: map[string]any{roleExtension: string(r.gate)},
		Security:   []map[string][]string{},

		SkipValidateBody: r.forms,
	}
	if r.answers != nil {
		op.Responses = map[string]*huma.Response{"200": {Content: r.answers}}
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
