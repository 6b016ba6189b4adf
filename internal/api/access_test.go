package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
)

// op is how the matrix calls an operation so that nothing but the caller's role
// can be the reason for a refusal.
type op struct {
	least auth.Role // "": anyone, also the anonymous
	path  string
	body  any
}

// matrix says who may do what: the contract, written down a second time.
func matrix() map[string]op {
	return map[string]op{
		"GET /api/v1/setup":                                          {"", "/api/v1/setup", nil},
		"POST /api/v1/setup":                                         {"", "/api/v1/setup", SetupRequest{Token: "x", Name: "eve", Password: bobPassword}},
		"POST /api/v1/login":                                         {"", "/api/v1/login", LoginRequest{"ada", adaPassword}},
		"POST /api/v1/logout":                                        {auth.Viewer, "/api/v1/logout", nil},
		"GET /api/v1/me":                                             {auth.Viewer, "/api/v1/me", nil},
		"GET /api/v1/overview":                                       {auth.Viewer, "/api/v1/overview", nil},
		"GET /api/v1/quarantine":                                     {auth.Viewer, "/api/v1/quarantine", nil},
		"GET /api/v1/quarantine/{id}":                                {auth.Viewer, "/api/v1/quarantine/" + rowID(1), nil},
		"POST /api/v1/quarantine/{id}/review":                        {auth.Reviewer, "/api/v1/quarantine/" + rowID(1) + "/review", ReviewRequest{Action: "confirmed"}},
		"GET /api/v1/findings":                                       {auth.Viewer, "/api/v1/findings", nil},
		"GET /api/v1/incidents":                                      {auth.Viewer, "/api/v1/incidents", nil},
		"GET /api/v1/incidents/open":                                 {auth.Viewer, "/api/v1/incidents/open", nil},
		"GET /api/v1/incidents/{id}":                                 {auth.Viewer, "/api/v1/incidents/" + rowID(1), nil},
		"GET /api/v1/incidents/{id}/timeline":                        {auth.Viewer, "/api/v1/incidents/" + rowID(1) + "/timeline", nil},
		"POST /api/v1/incidents/{id}/act":                            {auth.Reviewer, "/api/v1/incidents/" + rowID(1) + "/act", IncidentAct{Action: "note", Reason: "x"}},
		"GET /api/v1/deckies":                                        {auth.Viewer, "/api/v1/deckies", nil},
		"GET /api/v1/deckies/{name}":                                 {auth.Viewer, "/api/v1/deckies/web-1", nil},
		"POST /api/v1/deckies":                                       {auth.Admin, "/api/v1/deckies", NewDecky{Name: "a", Archetype: "web-server", Address: "127.0.0.1", Services: []NewDeckyService{{Kind: "ssh"}}}},
		"POST /api/v1/deckies/{name}/mutate":                         {auth.Responder, "/api/v1/deckies/web-1/mutate", MutateRequest{}},
		"DELETE /api/v1/deckies/{name}":                              {auth.Admin, "/api/v1/deckies/web-1", nil},
		"GET /api/v1/logs":                                           {auth.Viewer, "/api/v1/logs", nil},
		"POST /api/v1/logs/{id}/reveal":                              {auth.Admin, "/api/v1/logs/" + rowID(1) + "/reveal", RevealRequest{}},
		"GET /api/v1/sessions":                                       {auth.Viewer, "/api/v1/sessions", nil},
		"GET /api/v1/sessions/{id}":                                  {auth.Viewer, "/api/v1/sessions/" + rowID(1), nil},
		"GET /api/v1/transcripts/{decky}/{sid}":                      {auth.Admin, "/api/v1/transcripts/web-1/" + rowID(1), nil},
		"GET /api/v1/artifacts":                                      {auth.Viewer, "/api/v1/artifacts", nil},
		"GET /api/v1/artifacts/{decky}/{service}/{stored_as}":        {auth.Admin, "/api/v1/artifacts/web-1/ssh/2026-03-14_ab", nil},
		"GET /api/v1/credentials":                                    {auth.Viewer, "/api/v1/credentials", nil},
		"GET /api/v1/credentials/{id}":                               {auth.Viewer, "/api/v1/credentials/" + rowID(6), nil},
		"POST /api/v1/credentials/{id}/reveal":                       {auth.Admin, "/api/v1/credentials/" + rowID(1) + "/reveal", RevealRequest{}},
		"GET /api/v1/attackers":                                      {auth.Viewer, "/api/v1/attackers", nil},
		"GET /api/v1/attackers/{id}":                                 {auth.Viewer, "/api/v1/attackers/203.0.113.9", nil},
		"GET /api/v1/attackers/{id}/traversal":                       {auth.Viewer, "/api/v1/attackers/203.0.113.9/traversal", nil},
		"GET /api/v1/credential-reuse":                               {auth.Viewer, "/api/v1/credential-reuse", nil},
		"GET /api/v1/credential-reuse/{id}":                          {auth.Viewer, "/api/v1/credential-reuse/" + rowID(1), nil},
		"GET /api/v1/events":                                         {auth.Viewer, "/api/v1/events", nil},
		"GET /api/v1/events/{id}":                                    {auth.Viewer, "/api/v1/events/" + rowID(1), nil},
		"POST /api/v1/events":                                        {auth.Responder, "/api/v1/events", map[string]any{"events": []any{}}},
		"POST /api/v1/fingerprints/lookup":                           {auth.Reviewer, "/api/v1/fingerprints/lookup", LookupRequest{Secret: "x"}},
		"GET /api/v1/sources":                                        {auth.Viewer, "/api/v1/sources", nil},
		"GET /api/v1/metrics/detection":                              {auth.Viewer, "/api/v1/metrics/detection", nil},
		"GET /api/v1/health":                                         {auth.Viewer, "/api/v1/health", nil},
		"GET /api/v1/workers":                                        {auth.Viewer, "/api/v1/workers", nil},
		"POST /api/v1/workers/{name}/stop":                           {auth.Admin, "/api/v1/workers/notify/stop", WorkerRequest{Reason: "x"}},
		"POST /api/v1/workers/{name}/start":                          {auth.Admin, "/api/v1/workers/notify/start", WorkerRequest{Reason: "x"}},
		"GET /api/v1/config":                                         {auth.Admin, "/api/v1/config", nil},
		"POST /api/v1/config/reload":                                 {auth.Admin, "/api/v1/config/reload", nil},
		"GET /api/v1/stream":                                         {auth.Viewer, "/api/v1/stream", nil},
		"GET /api/v1/me/sessions":                                    {auth.Viewer, "/api/v1/me/sessions", nil},
		"DELETE /api/v1/me/sessions/{id}":                            {auth.Viewer, "/api/v1/me/sessions/" + rowID(1), nil},
		"PUT /api/v1/users/{name}":                                   {auth.Admin, "/api/v1/users/bob", UserChangeRequest{Role: "reviewer"}},
		"DELETE /api/v1/users/{name}":                                {auth.Admin, "/api/v1/users/bob", nil},
		"POST /api/v1/backup":                                        {auth.Admin, "/api/v1/backup", BackupRequest{}},
		"GET /api/v1/audit":                                          {auth.Admin, "/api/v1/audit", nil},
		"POST /api/v1/audit/verify":                                  {auth.Admin, "/api/v1/audit/verify", AuditVerifyRequest{}},
		"GET /api/v1/audit/checkpoint":                               {auth.Admin, "/api/v1/audit/checkpoint", nil},
		"POST /api/v1/audit/checkpoint":                              {auth.Admin, "/api/v1/audit/checkpoint", nil},
		"GET /api/v1/webhooks":                                       {auth.Admin, "/api/v1/webhooks", nil},
		"POST /api/v1/webhooks":                                      {auth.Admin, "/api/v1/webhooks", WebhookRequest{ID: "new", URL: "https://hooks.example/", WebhookSettings: WebhookSettings{Presets: []string{"Leaks"}}}},
		"GET /api/v1/webhooks/{id}":                                  {auth.Admin, "/api/v1/webhooks/soc", nil},
		"PUT /api/v1/webhooks/{id}":                                  {auth.Admin, "/api/v1/webhooks/soc", WebhookUpdate{WebhookSettings: WebhookSettings{Topics: []string{"leak.>"}}}},
		"DELETE /api/v1/webhooks/{id}":                               {auth.Admin, "/api/v1/webhooks/soc", nil},
		"POST /api/v1/webhooks/{id}/test":                            {auth.Admin, "/api/v1/webhooks/soc/test", nil},
		"POST /api/v1/webhooks/{id}/enable":                          {auth.Admin, "/api/v1/webhooks/soc/enable", nil},
		"POST /api/v1/webhooks/{id}/pause":                           {auth.Admin, "/api/v1/webhooks/soc/pause", nil},
		"GET /api/v1/webhooks/{id}/deliveries":                       {auth.Admin, "/api/v1/webhooks/soc/deliveries", nil},
		"POST /api/v1/webhooks/{id}/deliveries/{delivery}/redeliver": {auth.Admin, "/api/v1/webhooks/soc/deliveries/msg_1/redeliver", nil},
		"POST /api/v1/webhooks/{id}/redeliver":                       {auth.Admin, "/api/v1/webhooks/soc/redeliver", nil},
		"GET /api/v1/anomalies":                                      {auth.Viewer, "/api/v1/anomalies", nil},
		"GET /api/v1/anomalies/{id}":                                 {auth.Viewer, "/api/v1/anomalies/" + rowID(1), nil},
		"GET /api/v1/anomaly/rules":                                  {auth.Viewer, "/api/v1/anomaly/rules", nil},
		"POST /api/v1/anomaly/rules":                                 {auth.Admin, "/api/v1/anomaly/rules", AnomalyRuleRequest{Text: "id: new\non: [auth_failed]\nthreshold: 5"}},
		"POST /api/v1/anomaly/rules/try":                             {auth.Reviewer, "/api/v1/anomaly/rules/try", AnomalyTryRequest{Text: "id: new\non: [auth_failed]\nthreshold: 5", Since: new(noon().Add(-time.Hour))}},
		"GET /api/v1/anomaly/rules/{id}":                             {auth.Viewer, "/api/v1/anomaly/rules/vpn_guessing", nil},
		"PUT /api/v1/anomaly/rules/{id}":                             {auth.Admin, "/api/v1/anomaly/rules/vpn_guessing", AnomalyRuleUpdate{Enabled: new(false)}},
		"DELETE /api/v1/anomaly/rules/{id}":                          {auth.Admin, "/api/v1/anomaly/rules/vpn_guessing", nil},
		"GET /api/v1/silences":                                       {auth.Viewer, "/api/v1/silences", nil},
		"GET /api/v1/silences/preview":                               {auth.Viewer, "/api/v1/silences/preview?topic=leak.%3E", nil},
		"POST /api/v1/silences":                                      {auth.Responder, "/api/v1/silences", SilenceRequest{Topics: []string{"leak.>"}, Minutes: 5, Reason: "x"}},
		"POST /api/v1/silences/{id}/end":                             {auth.Responder, "/api/v1/silences/" + rowID(1) + "/end", SilenceEnd{Reason: "x"}},
		"GET /api/v1/decisions":                                      {auth.Viewer, "/api/v1/decisions", nil},
		"POST /api/v1/decisions":                                     {auth.Responder, "/api/v1/decisions", BlockRequest{Network: "203.0.113.9", Minutes: 5, Reason: "x"}},
		"POST /api/v1/decisions/{id}/end":                            {auth.Responder, "/api/v1/decisions/" + rowID(1) + "/end", BlockEnd{Reason: "x"}},
		"GET /api/v1/gossip/gateways":                                {auth.Viewer, "/api/v1/gossip/gateways", nil},
		"GET /api/v1/gossip/withheld":                                {auth.Responder, "/api/v1/gossip/withheld", nil},
		"GET /api/v1/gossip/blocks":                                  {auth.Viewer, "/api/v1/gossip/blocks", nil},
		"POST /api/v1/gossip/blocks":                                 {auth.Responder, "/api/v1/gossip/blocks", GossipBlockRequest{MessageID: "m-9", Reason: "x"}},
		"DELETE /api/v1/gossip/blocks/{message_id}":                  {auth.Responder, "/api/v1/gossip/blocks/m-1?reason=x", nil},
		"GET /api/v1/playbooks":                                      {auth.Viewer, "/api/v1/playbooks", nil},
		"GET /api/v1/playbooks/actions":                              {auth.Viewer, "/api/v1/playbooks/actions", nil},
		"POST /api/v1/playbooks/actions/{id}/approve":                {auth.Responder, "/api/v1/playbooks/actions/" + rowID(1) + "/approve", ActionDecision{Reason: "x"}},
		"POST /api/v1/playbooks/actions/{id}/undo":                   {auth.Responder, "/api/v1/playbooks/actions/" + rowID(1) + "/undo", ActionDecision{Reason: "x"}},
		"POST /api/v1/playbooks/actions/{id}/reject":                 {auth.Responder, "/api/v1/playbooks/actions/" + rowID(1) + "/reject", ActionDecision{Reason: "x"}},
		"GET /api/v1/egress":                                         {auth.Viewer, "/api/v1/egress", nil},
		"GET /api/v1/egress/checks":                                  {auth.Viewer, "/api/v1/egress/checks", nil},
		"GET /api/v1/egress/decisions":                               {auth.Viewer, "/api/v1/egress/decisions", nil},
		"GET /api/v1/egress/flows":                                   {auth.Viewer, "/api/v1/egress/flows", nil},
		"GET /api/v1/egress/destinations":                            {auth.Viewer, "/api/v1/egress/destinations", nil},
		"GET /api/v1/egress/stats":                                   {auth.Viewer, "/api/v1/egress/stats", nil},
		"GET /api/v1/egress/killswitch":                              {auth.Viewer, "/api/v1/egress/killswitch", nil},
		"GET /api/v1/egress/changes":                                 {auth.Viewer, "/api/v1/egress/changes", nil},
		"POST /api/v1/egress/killswitch":                             {auth.Responder, "/api/v1/egress/killswitch", EgressKillSwitchRequest{Active: true, Reason: "x"}},
		"GET /api/v1/egress/ca":                                      {auth.Viewer, "/api/v1/egress/ca", nil},
		"POST /api/v1/egress/ca/rotate":                              {auth.Admin, "/api/v1/egress/ca/rotate", EgressCARequest{Reason: "x"}},
		"GET /api/v1/egress/endpoints":                               {auth.Viewer, "/api/v1/egress/endpoints", nil},
		"GET /api/v1/egress/endpoints/{id}":                          {auth.Viewer, "/api/v1/egress/endpoints/" + rowID(1), nil},
		"POST /api/v1/egress/endpoints/{id}/review":                  {auth.Responder, "/api/v1/egress/endpoints/" + rowID(1) + "/review", EgressEndpointReview{Verdict: "deny", Reason: "x"}},
		"GET /api/v1/egress/baselines":                               {auth.Viewer, "/api/v1/egress/baselines", nil},
		"GET /api/v1/egress/programs":                                {auth.Viewer, "/api/v1/egress/programs", nil},
		"POST /api/v1/egress/audit/verify":                           {auth.Admin, "/api/v1/egress/audit/verify", nil},
		"GET /api/v1/egress/policy":                                  {auth.Viewer, "/api/v1/egress/policy", nil},
		"PUT /api/v1/egress/policy":                                  {auth.Admin, "/api/v1/egress/policy", EgressPolicyRequest{Document: "mode: strict\n", Reason: "x"}},
		"POST /api/v1/egress/policy/edit":                            {auth.Admin, "/api/v1/egress/policy/edit", EgressEditRequest{Action: "mode", Mode: "audit", Reason: "x"}},
		"GET /api/v1/egress/policy/versions":                         {auth.Viewer, "/api/v1/egress/policy/versions", nil},
		"GET /api/v1/egress/policy/versions/{version}":               {auth.Viewer, "/api/v1/egress/policy/versions/1", nil},
		"POST /api/v1/egress/policy/rollback":                        {auth.Admin, "/api/v1/egress/policy/rollback", EgressRollbackRequest{Version: 1, Reason: "x"}},
		"GET /api/v1/egress/budgets":                                 {auth.Viewer, "/api/v1/egress/budgets", nil},
		"POST /api/v1/egress/decide":                                 {auth.Responder, "/api/v1/egress/decide", EgressDecideRequest{Host: "a.example", Port: 443}},
		"POST /api/v1/egress/hear":                                   {auth.Responder, "/api/v1/egress/hear", EgressHearRequest{Server: "files.localhost", Text: []byte("{}")}},
		"POST /api/v1/egress/policy/check":                           {auth.Reviewer, "/api/v1/egress/policy/check", EgressCheckRequest{Document: "mode: strict\n"}},
		"POST /api/v1/egress/policy/dry-run":                         {auth.Reviewer, "/api/v1/egress/policy/dry-run", EgressDryRunRequest{Document: "mode: strict\n"}},
		"GET /api/v1/rules":                                          {auth.Viewer, "/api/v1/rules", nil},
		"POST /api/v1/rules":                                         {auth.Admin, "/api/v1/rules", RuleRequest{ID: "new", RuleDraft: RuleDraft{Regex: "NEW-[0-9]{9}"}}},
		"POST /api/v1/rules/test":                                    {auth.Reviewer, "/api/v1/rules/test", RuleTestRequest{Text: "x"}},
		"POST /api/v1/rules/import":                                  {auth.Admin, "/api/v1/rules/import", RuleImportRequest{Content: "patterns: {}"}},
		"GET /api/v1/rules/{id}":                                     {auth.Viewer, "/api/v1/rules/acme-token", nil},
		"PUT /api/v1/rules/{id}":                                     {auth.Admin, "/api/v1/rules/acme-token", RuleUpdate{Reset: true}},
		"DELETE /api/v1/rules/{id}":                                  {auth.Admin, "/api/v1/rules/acme-token", nil},
		"GET /api/v1/patterns":                                       {auth.Viewer, "/api/v1/patterns", nil},
		"POST /api/v1/patterns":                                      {auth.Admin, "/api/v1/patterns", PatternRequest{Name: "NEW", Regex: "NEW-[0-9]{9}", Severity: "HIGH", Confidence: 0.9}},
		"GET /api/v1/patterns/{name}":                                {auth.Viewer, "/api/v1/patterns/acme-token", nil},
		"POST /api/v1/patterns/{name}/update":                        {auth.Admin, "/api/v1/patterns/acme-token/update", PatternUpdate{}},
		"DELETE /api/v1/patterns/{name}":                             {auth.Admin, "/api/v1/patterns/acme-token", nil},
		"GET /api/v1/users":                                          {auth.Admin, "/api/v1/users", nil},
		"POST /api/v1/users":                                         {auth.Admin, "/api/v1/users", UserRequest{"grace", "viewer", bobPassword}},
		"PUT /api/v1/users/{name}/password":                          {auth.Admin, "/api/v1/users/bob/password", PasswordRequest{Password: adaPassword}},
		"GET /api/v1/api-keys":                                       {auth.Admin, "/api/v1/api-keys", nil},
		"POST /api/v1/api-keys":                                      {auth.Admin, "/api/v1/api-keys", APIKeyRequest{Name: "new", Role: "viewer"}},
		"DELETE /api/v1/api-keys/{name}":                             {auth.Admin, "/api/v1/api-keys/key-viewer", nil},
	}
}

// documented returns the operations of the OpenAPI document with their x-role.
func documented(t *testing.T) map[string]string {
	t.Helper()
	b, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Role string `json:"x-role"`
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			all[strings.ToUpper(method)+" "+path] = o.Role
		}
	}
	return all
}

func TestRoleMatrix(t *testing.T) {
	ops, expected := documented(t), matrix()
	if a, b := slices.Sorted(maps.Keys(ops)), slices.Sorted(maps.Keys(expected)); !slices.Equal(a, b) {
		t.Fatalf("the document has\n%v\nthe matrix has\n%v", a, b)
	}
	for name := range ops {
		shared := populate(t, newNode(t)) // by who is refused or only reads; what it costs is multiplied by all operations
		for _, caller := range append([]auth.Role{""}, auth.Roles()...) {
			t.Run(name+" by "+string(caller), func(t *testing.T) { checkAccess(t, shared, name, expected[name], caller) })
		}
	}
}

// checkAccess wants an operation to admit a caller or to be refused. Who changes
// something gets a node of their own, so that nobody meets what another did.
func checkAccess(t *testing.T, n *node, name string, o op, caller auth.Role) {
	method, _, _ := strings.Cut(name, " ")
	want := o.least == "" || caller.Includes(o.least)
	if want && method != http.MethodGet {
		n = populate(t, newNode(t))
	}
	stopped, stop := context.WithCancel(t.Context())
	stop() // so that the stream ends at once; nothing else looks at it
	w := n.call(t, request{method: method, path: o.path, body: o.body, key: n.keys[caller], ctx: stopped})
	if refused := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden; refused == want {
		t.Fatalf("got %d %s, want admitted=%v", w.Code, w.Body, want)
	}
	if want {
		return
	}
	if caller == "" && (w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "") {
		t.Errorf("the anonymous get %d %v, want 401 with WWW-Authenticate", w.Code, w.Header())
	}
	if caller != "" && w.Code != http.StatusForbidden {
		t.Errorf("the known get %d, want 403", w.Code)
	}
	if len(n.shelf.audit) > 0 {
		t.Error("the refused operation was done")
	}
}

func TestAnOperationWithoutAGateAdmitsNobody(t *testing.T) {
	for name, role := range documented(t) {
		if role == "" {
			t.Errorf("%s has no x-role", name)
		}
	}
	for _, r := range auth.Roles() {
		if r.Includes(auth.Role("")) || r.Includes(auth.Role(public)) || r.Includes(auth.Role(signedIn)) {
			t.Errorf("%s includes what is no role", r)
		}
	}
}

func TestCredentials(t *testing.T) {
	n := populate(t, newNode(t))
	session := n.login(t, "ada", adaPassword)
	local := auth.WithPrincipal(t.Context(), auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin})
	tests := map[string]struct {
		request
		status int
		me     Me
	}{
		"nobody":                        {request{}, 401, Me{}},
		"key":                           {request{key: n.keys[auth.Reviewer]}, 200, Me{"key-reviewer", "reviewer", "api_key"}},
		"key, scheme in another case":   {request{headers: map[string]string{"Authorization": "bearer " + n.keys[auth.Viewer]}}, 200, Me{"key-viewer", "viewer", "api_key"}},
		"unknown key":                   {request{key: "cdn_" + strings.Repeat("A", 43)}, 401, Me{}},
		"not a key":                     {request{key: "' OR 1=1 --"}, 401, Me{}},
		"basic auth":                    {request{headers: map[string]string{"Authorization": "Basic YWRhOng="}}, 401, Me{}},
		"session":                       {request{cookie: session}, 200, Me{"ada", "admin", "user"}},
		"made-up session":               {request{cookie: "deadbeef"}, 401, Me{}},
		"control socket":                {request{ctx: local}, 200, Me{"root", "admin", "local"}},
		"a key wins over a session":     {request{cookie: session, key: n.keys[auth.Viewer]}, 200, Me{"key-viewer", "viewer", "api_key"}},
		"a key wins over the socket":    {request{ctx: local, key: n.keys[auth.Viewer]}, 200, Me{"key-viewer", "viewer", "api_key"}},
		"a bad key is not made up for":  {request{ctx: local, cookie: session, key: "cdn_x"}, 401, Me{}},
		"headers do not name the peer":  {request{headers: map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1"}}, 401, Me{}},
		"loopback alone is not a login": {request{from: "127.0.0.1:5"}, 401, Me{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.path = "/api/v1/me"
			w := n.call(t, tt.request)
			if w.Code != tt.status {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if tt.status == 200 && decode[Me](t, w) != tt.me {
				t.Errorf("got %s, want %+v", w.Body, tt.me)
			}
			if cc := w.Header().Get("Cache-Control"); cc != "no-store" {
				t.Errorf("Cache-Control %q", cc)
			}
		})
	}
}

func TestWhenTheStoreDoesNotAnswerNobodyIsLetIn(t *testing.T) {
	n := populate(t, newNode(t))
	session := n.login(t, "ada", adaPassword)
	n.access.Fail(errors.New("disk gone: /secret/path"))
	for name, q := range map[string]request{"key": {key: n.keys[auth.Admin]}, "session": {cookie: session}} {
		t.Run(name, func(t *testing.T) {
			q.path = "/api/v1/me"
			w := n.call(t, q)
			wantProblem(t, w, 503, "store does not answer")
			if strings.Contains(w.Body.String(), "/secret/path") {
				t.Error("the answer shows what failed inside")
			}
		})
	}
}

func TestAnotherSiteCannotMakeABrowserAct(t *testing.T) {
	n := populate(t, newNode(t))
	session := n.login(t, "ada", adaPassword)
	own := map[string]string{"X-Cordon-Request": "1"}
	with := func(more map[string]string) map[string]string {
		h := maps.Clone(own)
		maps.Copy(h, more)
		return h
	}
	tests := []struct {
		name    string
		cookie  string
		key     string
		headers map[string]string
		status  int
	}{
		{"the dashboard", session, "", with(map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}), 200},
		{"an old browser", session, "", with(map[string]string{"Origin": "http://example.com"}), 200},
		{"without the header", session, "", nil, 403},
		{"with another value", session, "", map[string]string{"X-Cordon-Request": "yes"}, 403},
		{"from another site", session, "", with(map[string]string{"Sec-Fetch-Site": "cross-site"}), 403},
		{"from another port", session, "", with(map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://example.com:81"}), 403},
		{"from another origin, old browser", session, "", with(map[string]string{"Origin": "https://evil.example"}), 403},
		{"from a sandboxed frame", session, "", with(map[string]string{"Origin": "null"}), 403},
		{"a program with a key", "", n.keys[auth.Reviewer], nil, 200},
		{"a page with a key", "", n.keys[auth.Reviewer], map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := n.call(t, request{method: "POST", path: "/api/v1/quarantine/" + rowID(1) + "/review", body: ReviewRequest{Action: "confirmed"}, cookie: tt.cookie, key: tt.key, headers: tt.headers})
			if w.Code != tt.status {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, tt.status)
			}
		})
	}
	if w := n.call(t, request{path: "/api/v1/me", cookie: session}); w.Code != 200 {
		t.Errorf("reading needs no header, got %d", w.Code)
	}
	if w := n.call(t, request{method: "POST", path: "/api/v1/login", body: LoginRequest{"ada", adaPassword}, headers: map[string]string{"Sec-Fetch-Site": "cross-site"}}); w.Code != 403 {
		t.Errorf("another site logged the browser in: %d", w.Code)
	}
}

// login opens a session and returns its token.
func (n *node) login(t *testing.T, name, password string) string {
	t.Helper()
	w := n.call(t, request{method: "POST", path: "/api/v1/login", body: LoginRequest{name, password}})
	for _, c := range w.Result().Cookies() {
		if c.Name == auth.SessionCookie && c.Value != "" {
			return c.Value
		}
	}
	t.Fatalf("login: %d %s", w.Code, w.Body)
	return ""
}
