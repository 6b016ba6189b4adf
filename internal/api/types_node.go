package api

import "time"

// Worker is one of the parts that a node keeps running. The application fills
// it.
type Worker struct {
	Name     string    `json:"name" example:"leak-chat" doc:"Unique within its node."`
	Node     string    `json:"node" example:"web-1" doc:"The node that runs it."`
	State    string    `json:"state" enum:"starting,running,degraded,failed,stopped" doc:"degraded: it failed and is tried again. failed: five times in a row; it is still tried. stopped: it is done, or was told to."`
	Detail   string    `json:"detail" doc:"What ails it, or who stopped it; may be empty."`
	Since    time.Time `json:"since" doc:"When it entered this state."`
	Restarts int       `json:"restarts" doc:"Failures since the node started, after each of which it was tried again."`
}

// WorkerList is the workers of all nodes.
type WorkerList struct {
	Items []Worker `json:"items" nullable:"false" doc:"Those of the node that answers first, by name; then those of other nodes that were heard in the last 90 seconds."`
}

// WorkerRequest says why a worker is stopped or started.
type WorkerRequest struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" example:"the disk is being replaced" doc:"Why; kept in the audit log."`
	Node   string `json:"node,omitempty" maxLength:"255" example:"web-1" doc:"The node whose worker is meant. Absent: the node that answers, or the only one that has such a worker."`
}

// ReloadRequest says why the configuration is read again.
type ReloadRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"2000" example:"a new source" doc:"Why; kept in the audit log."`
}

// Reloaded is what reading the configuration again led to.
type Reloaded struct {
	Changed      []string `json:"changed" nullable:"false" example:"[\"leak.sources chat: added\"]" doc:"What is in force now and was not before; empty: nothing changed."`
	NeedsRestart []string `json:"needs_restart" nullable:"false" example:"[\"api.listen\"]" doc:"Keys that differ but are read at the start only: until then the old values stay in force."`
	Warnings     []string `json:"warnings" nullable:"false" doc:"What works but should not stay so."`
}
