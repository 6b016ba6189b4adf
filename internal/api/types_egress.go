package api

import "time"

// EgressStatus is how the egress sensor stands.
type EgressStatus struct {
	Listen      string              `json:"listen" example:"127.0.0.1:8421" doc:"Where the gateway listens; empty: it does not."`
	DNS         string              `json:"dns" example:"127.0.0.1:8453" doc:"Where the name server listens; empty: it does not."`
	Transparent string              `json:"transparent" doc:"Where redirected connections are taken; empty: nowhere."`
	Mode        string              `json:"mode" enum:"strict,audit,permissive" doc:"Of the policy in force."`
	Default     string              `json:"default_policy" enum:"allow,deny" doc:"What becomes of what no rule speaks of."`
	Network     bool                `json:"network_enabled" doc:"global.network_enabled of the policy."`
	LocalOnly   bool                `json:"localhost_only" doc:"emergency.localhost_only of the policy."`
	Rules       int                 `json:"rules" doc:"Rules of the policy in force."`
	Version     int64               `json:"version" doc:"Of the policy in force; 0: there is none, and everything is denied."`
	Problem     string              `json:"problem" doc:"Why the policy file is not in force; empty: it is."`
	Unsupported []EgressUnsupported `json:"unsupported" nullable:"false" doc:"What the policy asks for and this version does not do."`
	KillSwitch  EgressKillSwitch    `json:"kill_switch" doc:"The kill switch of this node."`
	Recording   string              `json:"recording" doc:"Why decisions cannot be recorded; empty: they are."`
	Flows       int                 `json:"flows" doc:"Connections that are open now."`
}

// EgressNow is what decides about everything that is to go out.
type EgressNow struct {
	Mark       string           `json:"mark" doc:"Of this very state: given as seen, it waits for another."`
	KillSwitch EgressKillSwitch `json:"kill_switch" doc:"The kill switch of this node."`
	Version    int64            `json:"version" doc:"Of the policy in force; 0: there is none, and everything is denied."`
}

// EgressUnsupported is a key of the policy that is not enforced.
type EgressUnsupported struct {
	Line    int    `json:"line" doc:"In the document."`
	Key     string `json:"key" doc:"The key."`
	Meaning string `json:"meaning" doc:"What happens instead."`
}

// EgressDecision is one answer of the gateway. Its texts are redacted.
type EgressDecision struct {
	ID         string          `json:"id" doc:"UUIDv7."`
	Seq        uint64          `json:"seq" doc:"Its line in the node's audit.log."`
	Node       string          `json:"node" doc:"The node that decided."`
	Flow       string          `json:"flow" doc:"The flow that was decided about."`
	Time       time.Time       `json:"time" doc:"When."`
	Decision   string          `json:"decision" enum:"allow,deny" doc:"What was decided."`
	Rule       string          `json:"rule" doc:"Id of the policy's rule; empty: none decided."`
	Reason     string          `json:"reason" example:"default_policy" doc:"A stable word."`
	Detail     string          `json:"detail" doc:"Why, for people."`
	Would      string          `json:"would" doc:"What strict would have said, when that differs."`
	Entry      string          `json:"entry" doc:"How it came in: http, connect, socks5, transparent, dns, inbound, library, stdio."`
	Client     string          `json:"client" doc:"Address of who asked."`
	Host       string          `json:"host" doc:"As the client named it."`
	Port       uint16          `json:"port" doc:"Of TCP or UDP."`
	Address    string          `json:"address" doc:"Dialed or judged; empty: not resolved."`
	Protocol   string          `json:"protocol" doc:"As far as it is known."`
	Method     string          `json:"method" doc:"Of HTTP; of stdio, the first that a message of MCP calls."`
	URL        string          `json:"url" doc:"Of HTTP, redacted."`
	BytesOut   int64           `json:"bytes_out" doc:"Sent by the client; known at the end."`
	BytesIn    int64           `json:"bytes_in" doc:"Received by it."`
	EndedAt    *time.Time      `json:"ended_at" doc:"When the flow was over; null: it goes on, or was denied."`
	Cut        string          `json:"cut" doc:"Why the gateway ended the flow; empty: it did not."`
	PID        int             `json:"pid" doc:"Process that asked; 0: not known."`
	Exe        string          `json:"exe" doc:"Its executable."`
	Cmdline    string          `json:"cmdline" doc:"Its arguments, redacted."`
	SourceFile string          `json:"source_file" doc:"Where in its source, if a library told."`
	SourceLine int             `json:"source_line" doc:"The line."`
	Function   string          `json:"function" doc:"The function."`
	Findings   []EgressFinding `json:"findings" nullable:"false" doc:"Secrets in what was to leave."`
}

// EgressFinding is a secret that was to leave.
type EgressFinding struct {
	Rule        string `json:"rule" doc:"Id of the detection rule."`
	Redacted    string `json:"redacted" doc:"The secret with its middle replaced by asterisks."`
	Fingerprint string `json:"fingerprint" doc:"Joins it with other sightings."`
}

// EgressDecisionPage is a page of decisions.
type EgressDecisionPage struct {
	Items      []EgressDecision `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string          `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// EgressFlow is a connection that is open now.
type EgressFlow struct {
	ID       string    `json:"id" doc:"UUIDv7."`
	Since    time.Time `json:"since" doc:"When it began."`
	Client   string    `json:"client" doc:"Its end on the client's side."`
	Host     string    `json:"host" doc:"As the client named it."`
	Port     uint16    `json:"port" doc:"Of TCP."`
	Address  string    `json:"address" doc:"That was dialed."`
	Protocol string    `json:"protocol" doc:"As far as it is known."`
	Rule     string    `json:"rule" doc:"Id of the policy's rule that lets it out."`
	Exe      string    `json:"exe" doc:"Executable of the program that asked."`
	PID      int       `json:"pid" doc:"Its process; 0: not known."`
	BytesOut int64     `json:"bytes_out" doc:"Sent by the client so far."`
	BytesIn  int64     `json:"bytes_in" doc:"Received by it so far."`
}

// EgressFlowList is the open connections of this node.
type EgressFlowList struct {
	Items []EgressFlow `json:"items" nullable:"false" doc:"Oldest first."`
}

// EgressKillSwitch is the kill switch of a node.
type EgressKillSwitch struct {
	Active bool       `json:"active" doc:"Everything is stopped."`
	Reason string     `json:"reason" doc:"Why, for people."`
	By     string     `json:"by" doc:"Who turned it."`
	Since  *time.Time `json:"since" doc:"When; null: it was never turned."`
}

// EgressCA is the certificate of the authority that signs in the place of hosts whose
// TLS is looked into.
type EgressCA struct {
	Certificate string    `json:"certificate" doc:"In PEM."`
	Fingerprint string    `json:"fingerprint" doc:"SHA-256 of the certificate, in hexadecimal digits."`
	Path        string    `json:"path" doc:"The file on the node that has the certificate alone."`
	NotAfter    time.Time `json:"not_after" doc:"When it ends."`
}

// EgressChecks is what only the node itself can look at.
type EgressChecks struct {
	Authority   EgressCAState      `json:"authority" doc:"The certificate that programs trust when TLS is looked into."`
	NameServers []EgressNameServer `json:"name_servers" nullable:"false" doc:"Those that the node's name server asks; empty: it has none, or asks nobody now."`
}

// EgressCAState is whether there is a certificate to look into TLS with.
type EgressCAState struct {
	Exists      bool       `json:"exists" doc:"It was made already."`
	Certificate string     `json:"certificate" doc:"In PEM; empty: there is none."`
	Path        string     `json:"path" doc:"The file on the node that has it alone, or will have it."`
	NotAfter    *time.Time `json:"not_after" doc:"When it ends; null: there is none."`
	Problem     string     `json:"problem" doc:"Why its key is of no use; empty: it is, or there is none."`
}

// EgressNameServer is a name server that is asked for what programs may ask.
type EgressNameServer struct {
	Address string `json:"address" example:"192.0.2.53:53" doc:"Where it is asked."`
	Problem string `json:"problem" doc:"Why it is of no use; empty: it answers."`
}

// EgressCARequest replaces it.
type EgressCARequest struct {
	Reason string `json:"reason" maxLength:"2000" doc:"Why; kept in the audit log."`
}

// EgressKillSwitchRequest turns the kill switch.
type EgressKillSwitchRequest struct {
	Active bool   `json:"active" doc:"true stops everything. Only an admin may give false."`
	Reason string `json:"reason" maxLength:"2000" doc:"Why; kept in the audit log."`
}

// EgressVersion is a version of the policy.
type EgressVersion struct {
	Version int64     `json:"version" doc:"From 1."`
	Hash    string    `json:"hash" doc:"SHA-256 of the document."`
	Author  string    `json:"author" doc:"Who made it."`
	Reason  string    `json:"reason" doc:"Why, in their words."`
	Origin  string    `json:"origin" enum:"file,api,rollback" doc:"file: somebody edited the policy file."`
	Time    time.Time `json:"time" doc:"When it came into force."`
}

// EgressPolicy is a version with its document.
type EgressPolicy struct {
	EgressVersion
	Document string `json:"document" doc:"The policy as YAML."`
}

// EgressVersionPage is a page of versions.
type EgressVersionPage struct {
	Items []EgressVersion `json:"items" nullable:"false" doc:"Newest first."`
	Next  *int64          `json:"next_before" doc:"Give it as before for the next page; null: this is the last."`
}

// EgressPolicyRequest replaces the policy.
type EgressPolicyRequest struct {
	Document string `json:"document" doc:"The policy as YAML."`
	Reason   string `json:"reason" maxLength:"2000" doc:"Why; kept with the version and in the audit log."`
}

// EgressEditRequest changes the policy, keeping its comments.
type EgressEditRequest struct {
	Action      string `json:"action" enum:"add,remove,mode,network" doc:"add, remove: a rule of the allowlist. mode: how hard the policy is. network: global.network_enabled."`
	Target      string `json:"target,omitempty" maxLength:"300" example:"api.example.com:443" doc:"add: HOST, HOST:PORT, *.suffix, an address or a CIDR. remove: that, or a rule's id."`
	Description string `json:"description,omitempty" maxLength:"500" doc:"add: what the rule is for."`
	Mode        string `json:"mode,omitempty" enum:"strict,audit,permissive" doc:"mode: the new one."`
	Enabled     bool   `json:"enabled,omitempty" doc:"network: whether there is one."`
	Reason      string `json:"reason" maxLength:"2000" doc:"Why; kept with the version and in the audit log."`
}

// EgressRollbackRequest brings an earlier version into force again.
type EgressRollbackRequest struct {
	Version int64  `json:"version" minimum:"1" doc:"The version to go back to. It becomes a new one."`
	Reason  string `json:"reason" maxLength:"2000" doc:"Why; kept with the version and in the audit log."`
}

// EgressDryRunRequest tries a policy on what was decided before.
type EgressDryRunRequest struct {
	Document string `json:"document" doc:"The policy as YAML."`
	Limit    int    `json:"limit,omitempty" minimum:"1" maximum:"10000" default:"1000" doc:"How many of the newest decisions are judged again."`
}

// EgressDryRun is what a policy would change.
type EgressDryRun struct {
	Total        int            `json:"total" doc:"Decisions that were judged again."`
	NewlyBlocked int            `json:"newly_blocked" doc:"Of them those that would be denied now."`
	NewlyAllowed int            `json:"newly_allowed" doc:"Of them those that would be allowed now."`
	Changes      []EgressChange `json:"changes" nullable:"false" doc:"The first 200 of both, by destination."`
	Notes        []string       `json:"notes" nullable:"false" doc:"What could not be known, for people."`
}

// EgressChange is a destination that would be answered differently.
type EgressChange struct {
	Host   string `json:"host" doc:"The destination."`
	Port   uint16 `json:"port" doc:"Its port."`
	Was    string `json:"was" enum:"allow,deny" doc:"As it was decided."`
	Now    string `json:"now" enum:"allow,deny" doc:"As it would be."`
	Reason string `json:"reason" doc:"Why, as a stable word."`
	Rule   string `json:"rule" doc:"Id of the rule that would decide; empty: none."`
	Count  int    `json:"count" doc:"Decisions about it that would change so."`
}

// EgressDestination is what is known of a host.
type EgressDestination struct {
	Host         string    `json:"host" doc:"As clients named it."`
	Allowed      int64     `json:"allowed" doc:"Decisions that let something out to it."`
	Denied       int64     `json:"denied" doc:"Decisions that did not."`
	BytesOut     int64     `json:"bytes_out" doc:"Sent to it, of flows that are over."`
	BytesIn      int64     `json:"bytes_in" doc:"Received from it."`
	FirstSeen    time.Time `json:"first_seen" doc:"First decision."`
	LastSeen     time.Time `json:"last_seen" doc:"Last decision."`
	LastDecision string    `json:"last_decision" enum:"allow,deny" doc:"The last decision."`
	LastReason   string    `json:"last_reason" doc:"Its reason."`
}

// EgressDestinationList is destinations of all nodes.
type EgressDestinationList struct {
	Items []EgressDestination `json:"items" nullable:"false" doc:"Those asked for last come first."`
}

// EgressStats are counts of decisions of all nodes.
type EgressStats struct {
	Allowed int64            `json:"allowed" doc:"Since the first of the days."`
	Denied  int64            `json:"denied" doc:"Likewise."`
	Days    []EgressDayCount `json:"days" nullable:"false" doc:"By day, decision and reason."`
}

// EgressDayCount is how often something was decided on a day.
type EgressDayCount struct {
	Day      string `json:"day" format:"date" doc:"UTC."`
	Decision string `json:"decision" enum:"allow,deny" doc:"What was decided."`
	Reason   string `json:"reason" doc:"Why."`
	Total    int64  `json:"total" doc:"How often."`
}

// EgressAuditReport is what a verification of this node's audit.log found.
type EgressAuditReport struct {
	OK          bool           `json:"ok" doc:"Nothing was found."`
	Files       int            `json:"files" doc:"That were read."`
	Lines       uint64         `json:"lines" doc:"That were read."`
	First       uint64         `json:"first_line" doc:"Number of the first line that is kept."`
	Last        uint64         `json:"last_line" doc:"Number of the last."`
	LastHash    string         `json:"last_hash" doc:"Its hash."`
	Checkpoints int            `json:"checkpoints" doc:"That were compared."`
	SignedUpTo  uint64         `json:"signed_up_to" doc:"Number of the last line under a good checkpoint."`
	Torn        int            `json:"torn_bytes" doc:"Bytes of a last line that a crash left half written; nobody was told that it is written."`
	Problems    []AuditProblem `json:"problems" nullable:"false" doc:"The first 100."`
	More        int            `json:"more_problems" doc:"Problems beyond those."`
}

// EgressCheckRequest is a document to be looked at.
type EgressCheckRequest struct {
	Document string `json:"document" doc:"The policy as YAML."`
	Against  int64  `json:"against,omitempty" minimum:"1" doc:"The version it is compared with. Default: the policy in force."`
}

// EgressCheck is what there is to say about a document.
type EgressCheck struct {
	Problems        []EgressProblem     `json:"problems" nullable:"false" doc:"Why it cannot come into force; the rest is empty then. The first 50, by line."`
	Tests           []EgressTest        `json:"tests" nullable:"false" doc:"What became of its tests. One that failed keeps it out of force, too."`
	Differences     []EgressDifference  `json:"differences" nullable:"false" doc:"What it changes, in words; the first 500."`
	MoreDifferences int                 `json:"more_differences" doc:"Differences beyond those."`
	Unsupported     []EgressUnsupported `json:"unsupported" nullable:"false" doc:"What it asks for and this version does not do."`
}

// EgressProblem is one thing that is wrong with a document.
type EgressProblem struct {
	Line    int    `json:"line" doc:"In the document, from 1."`
	Key     string `json:"key" example:"allowlist.rules[2].host" doc:"Where it stands."`
	Problem string `json:"problem" doc:"What is wrong."`
	Hint    string `json:"hint" doc:"What to do."`
}

// EgressTest is what became of one of a document's tests.
type EgressTest struct {
	Name   string `json:"name" doc:"Its name, or what it asks."`
	Line   int    `json:"line" doc:"In the document."`
	Passed bool   `json:"passed" doc:"The answer is the expected one."`
	Want   string `json:"want" doc:"What it expects, in words."`
	Got    string `json:"got" enum:"allow,deny" doc:"What the document answers."`
	Reason string `json:"reason" doc:"Why, as a stable word."`
}

// EgressDifference is one thing that two policies do not share.
type EgressDifference struct {
	Kind string `json:"kind" enum:"added,removed,changed" doc:"What happened to it."`
	What string `json:"what" example:"rule ci" doc:"The switch or the rule."`
	Text string `json:"text" doc:"One sentence."`
}

// EgressBudget is what has left by a rule with a data_budget.
type EgressBudget struct {
	Rule    string    `json:"rule" doc:"Id of the rule."`
	Program string    `json:"program" doc:"Executable, where each has a budget of its own; empty: not known, or all share it."`
	Used    int64     `json:"used" doc:"Bytes in this hour or day. In audit mode it may be more than the budget."`
	Bytes   int64     `json:"bytes" doc:"The budget."`
	Per     string    `json:"per" enum:"hour,day" doc:"What it is for, in UTC."`
	Until   time.Time `json:"until" doc:"When it begins anew."`
}

// EgressBudgetList is the budgets of this node by which something has left.
type EgressBudgetList struct {
	Items []EgressBudget `json:"items" nullable:"false" doc:"By rule and program."`
}

// EgressDecideRequest is what a program asks before it sends. What is not known yet
// is left out, and asked again when it is.
type EgressDecideRequest struct {
	Host       string `json:"host" maxLength:"253" doc:"The destination in normal form, as guard/egress/policy gives it."`
	Port       uint16 `json:"port" doc:"Of TCP or UDP."`
	Address    string `json:"address,omitempty" maxLength:"64" doc:"That would be dialed."`
	Protocol   string `json:"protocol,omitempty" maxLength:"16" doc:"That would be spoken."`
	TLS        bool   `json:"tls,omitempty" doc:"Encrypted."`
	Method     string `json:"method,omitempty" maxLength:"32" doc:"Of HTTP."`
	Path       string `json:"path,omitempty" maxLength:"8192" doc:"Of HTTP, clean; without the query."`
	Final      bool   `json:"final,omitempty" doc:"Nothing more will be known: the answer is recorded. A denial always is."`
	SourceFile string `json:"source_file,omitempty" maxLength:"1024" doc:"Where in the program."`
	SourceLine int    `json:"source_line,omitempty" minimum:"0" doc:"The line."`
	Function   string `json:"function,omitempty" maxLength:"512" doc:"The function."`
}

// EgressHearRequest is a message of MCP between an agent and a server that it started as
// a program of its machine.
type EgressHearRequest struct {
	Server     string `json:"server" maxLength:"253" example:"files.localhost" doc:"The name of the server in the policy; it ends in .localhost."`
	FromServer bool   `json:"from_server,omitempty" doc:"The server says it, else the agent does."`
	Text       []byte `json:"text,omitempty" doc:"The message, whole; up to 8 MiB."`
	Unseen     string `json:"unseen,omitempty" maxLength:"200" doc:"Why the text is not there."`
}

// EgressDecideAnswer is the answer to both.
type EgressDecideAnswer struct {
	Result       string `json:"result" enum:"allow,deny" doc:"Whether it may."`
	Reason       string `json:"reason" doc:"Why, as a stable word."`
	Rule         string `json:"rule" doc:"The rule that decided or came nearest; empty: none had a say."`
	Detail       string `json:"detail" doc:"One sentence for people."`
	Default      bool   `json:"default" doc:"No rule spoke, and the default policy decided."`
	Would        string `json:"would" doc:"What strict mode would have said, when that differs."`
	AllowCommand string `json:"allow_command" doc:"What would allow it; empty: nothing may, or no command does."`
}
