package api

// egressRoutes lists the operations on the egress sensor.
func (s *server) egressRoutes() {
	off := []int{409}
	handle(s, route{call: "GET /egress", gate: viewer, id: "getEgress", tag: "egress", summary: "How the egress sensor stands", errors: off}, s.egressStatus)
	handle(s, route{call: "GET /egress/checks", gate: viewer, id: "checkEgress", tag: "egress", summary: "Look at the certificate for TLS, and whether name servers answer",
		more: "It makes no certificate. Each name server that the node asks is asked for the root, unless the kill switch is on; one caller at a time.", errors: off}, s.egressChecks)
	handle(s, route{call: "GET /egress/decisions", gate: viewer, id: "listEgressDecisions", tag: "egress", summary: "List what the gateway decided", errors: off}, s.listDecisions)
	handle(s, route{call: "GET /egress/flows", gate: viewer, id: "listEgressFlows", tag: "egress", summary: "List the open connections of this node", errors: off}, s.listFlows)
	handle(s, route{call: "GET /egress/destinations", gate: viewer, id: "listEgressDestinations", tag: "egress", summary: "List the hosts that were asked for", errors: off}, s.listDestinations)
	handle(s, route{call: "GET /egress/stats", gate: viewer, id: "getEgressStats", tag: "egress", summary: "Count decisions by day and reason", errors: off}, s.egressStats)
	handle(s, route{call: "GET /egress/killswitch", gate: viewer, id: "getEgressKillSwitch", tag: "egress", summary: "Whether the kill switch is on", errors: off}, s.killSwitch)
	handle(s, route{call: "POST /egress/killswitch", gate: responder, id: "turnEgressKillSwitch", tag: "egress", summary: "Stop everything that goes out, or let it go on",
		more: "Severs what is open and refuses what comes, until an admin turns it off; it stays on over a restart. It is this node's.", errors: off}, s.turnKillSwitch)
	handle(s, route{call: "GET /egress/changes", gate: viewer, id: "waitEgress", tag: "egress", summary: "Wait until the kill switch is turned or the policy changes", within: waitDeadline,
		more: "Answers at once when things are not as they were seen, else when something changes, at the latest after wait. It needs no store, and is this node's.", errors: []int{409, 429}}, s.egressChanges)
	handle(s, route{call: "POST /egress/audit/verify", gate: admin, id: "verifyEgressAudit", tag: "egress", summary: "Verify this node's audit.log", within: verifyDeadline,
		more: "Reads every line and every checkpoint. A log with problems is an answer too: ok is false then.", errors: off}, s.verifyEgress)
	handle(s, route{call: "GET /egress/budgets", gate: viewer, id: "listEgressBudgets", tag: "egress", summary: "List what has left by rules with a data_budget",
		more: "It is this node's.", errors: off}, s.listBudgets)
	handle(s, route{call: "POST /egress/decide", gate: responder, id: "decideEgress", tag: "egress", summary: "Judge what a program is about to send",
		more: "For guard/egress, over the control socket: the kernel says there which program asks. With an API key it is not known. Denials and final answers are recorded.", errors: off}, s.decide)
	handle(s, route{call: "POST /egress/hear", gate: responder, id: "hearEgress", tag: "egress", summary: "Judge a message of MCP that is to be passed on",
		more: "For cordon egress mcp, over the control socket: the program on record is the parent of who asks there. What an agent says is recorded, and what its server asks or may not say.", body: maxHearBody, errors: off}, s.hear)
	handle(s, route{call: "GET /egress/ca", gate: viewer, id: "getEgressCA", tag: "egress", summary: "Show the certificate that programs trust when TLS is looked into",
		more: "It is public; its key stays on the node. It is made when it is asked for the first time.", errors: off}, s.egressCA)
	handle(s, route{call: "POST /egress/ca/rotate", gate: admin, id: "rotateEgressCA", tag: "egress", summary: "Replace that certificate and its key",
		more: "Programs refuse what is signed from then on until they are given the new one.", errors: off}, s.rotateEgressCA)
	s.egressPolicyRoutes()
	s.endpointRoutes()
}

func (s *server) endpointRoutes() {
	handle(s, route{call: "GET /egress/endpoints", gate: viewer, id: "listEgressEndpoints", tag: "egress", summary: "List the endpoints that programs asked for",
		more: "An endpoint is a program, a host and a port. It waits for review from the first decision about it.", errors: []int{409}}, s.listEndpoints)
	handle(s, route{call: "GET /egress/endpoints/{id}", gate: viewer, id: "getEgressEndpoint", tag: "egress", summary: "Show an endpoint",
		more: "The ETag changes with every review.", errors: []int{404, 409}}, s.getEndpoint)
	handle(s, route{call: "POST /egress/endpoints/{id}/review", gate: responder, id: "reviewEgressEndpoint", tag: "egress", summary: "Review an endpoint",
		more: "A verdict that allows, or denylists, becomes a rule of the policy that names the reviewer, and needs the role admin.", errors: []int{404, 409, 412}}, s.reviewEndpoint)
	handle(s, route{call: "GET /egress/baselines", gate: viewer, id: "listEgressBaselines", tag: "egress", summary: "List what is usual for programs and hosts",
		more: "By hour of the day and by day, with how much more would be told of as egress.baseline.deviated.", errors: []int{409}}, s.listBaselines)
	handle(s, route{call: "GET /egress/programs", gate: viewer, id: "listEgressPrograms", tag: "egress", summary: "List the programs that asked", errors: []int{409}}, s.listPrograms)
}

func (s *server) egressPolicyRoutes() {
	handle(s, route{call: "GET /egress/policy", gate: viewer, id: "getEgressPolicy", tag: "egress", summary: "Show the policy in force",
		more: "The ETag changes with every change; give it as If-Match when changing.", errors: []int{404, 409}}, s.getPolicy)
	handle(s, route{call: "PUT /egress/policy", gate: admin, id: "putEgressPolicy", tag: "egress", summary: "Replace the policy",
		more: "Its tests are run first. The policy file is written, too.", body: maxPolicyBody, errors: []int{409, 412}}, s.putPolicy)
	handle(s, route{call: "POST /egress/policy/edit", gate: admin, id: "editEgressPolicy", tag: "egress", summary: "Change one thing of the policy",
		more: "Comments and order of the document stay.", errors: []int{404, 409, 412}}, s.editPolicy)
	handle(s, route{call: "GET /egress/policy/versions", gate: viewer, id: "listEgressPolicies", tag: "egress", summary: "List the versions of the policy", errors: []int{409}}, s.listVersions)
	handle(s, route{call: "GET /egress/policy/versions/{version}", gate: viewer, id: "getEgressPolicyVersion", tag: "egress", summary: "Show a version of the policy",
		errors: []int{404, 409}}, s.getVersion)
	handle(s, route{call: "POST /egress/policy/rollback", gate: admin, id: "rollBackEgressPolicy", tag: "egress", summary: "Go back to a version of the policy",
		errors: []int{404, 409, 412}}, s.rollbackPolicy)
	handle(s, route{call: "POST /egress/policy/check", gate: reviewer, id: "checkEgressPolicy", tag: "egress", summary: "Say what is wrong with a policy, or what it changes",
		more: "Runs its tests and compares it. It changes nothing.", body: maxPolicyBody, errors: []int{404, 409}}, s.checkPolicy)
	handle(s, route{call: "POST /egress/policy/dry-run", gate: reviewer, id: "dryRunEgressPolicy", tag: "egress", summary: "Try a policy on what was decided before",
		more: "Says what it would newly block and newly allow. It changes nothing.", body: maxPolicyBody, errors: []int{409}}, s.dryRun)
}
