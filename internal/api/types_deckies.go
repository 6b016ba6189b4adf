package api

import "time"

// Decky is a decoy host.
type Decky struct {
	ID         string         `json:"id" format:"uuid" doc:"UUIDv7: its order is the order in which deckies were first heard of."`
	Name       string         `json:"name" example:"web-1" doc:"Unique on its node; never shown to an attacker."`
	Node       string         `json:"node" example:"node-1" doc:"The machine that it listens on."`
	Archetype  string         `json:"archetype" example:"web-server" doc:"What it plays."`
	Hostname   string         `json:"hostname" example:"portal07" doc:"What it calls itself."`
	Distro     string         `json:"distro" example:"Debian GNU/Linux 12 (bookworm)" doc:"The operating system that it claims to run."`
	Address    string         `json:"address" example:"192.0.2.10" doc:"Where its services listen."`
	State      string         `json:"state" enum:"running,degraded,failed,stopped" doc:"degraded: some of its services do not listen. failed: none does."`
	Detail     string         `json:"detail" doc:"Why it is not running."`
	Since      time.Time      `json:"since" doc:"Of the state."`
	HeardAt    time.Time      `json:"heard_at" doc:"When its node told of it last. A node tells each minute at least; a decky that was not heard of for three is gone with it."`
	Configured bool           `json:"configured" doc:"It comes from the configuration of its node, and is changed there."`
	AddedBy    string         `json:"added_by" doc:"Who added it, when it does not."`
	Services   []DeckyService `json:"services" nullable:"false" doc:"What it speaks, by port."`

	Generation   int        `json:"generation" doc:"How often it has mutated: become another host of its kind."`
	LastMutated  *time.Time `json:"last_mutated" doc:"When it did last; null when never."`
	Mutating     bool       `json:"mutating" doc:"It is to mutate, and its node has not told yet that it did."`
	MutateEvery  int64      `json:"mutate_interval_seconds" doc:"How often it mutates by itself, about; 0: when somebody says so only."`
	NextMutation *time.Time `json:"next_mutation" doc:"When it mutates by itself; null when it does not."`
}

// MutateRequest wants a decky to become another host of its kind.
type MutateRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why, for the audit log."`
}

// DeckyService is one service of a decky.
type DeckyService struct {
	Kind      string `json:"kind" example:"ssh" doc:"The protocol."`
	Port      uint16 `json:"port" example:"22" doc:"Of TCP."`
	Listening bool   `json:"listening" doc:"Whether the port is open."`
	Detail    string `json:"detail" doc:"Why it is not."`
	Clients   int    `json:"clients" doc:"Who are there now."`
	Sessions  uint64 `json:"sessions" doc:"Connections since the node's start."`
	Refused   uint64 `json:"refused" doc:"Connections that were turned away because there were too many."`
}

// DeckyPage is a page of deckies.
type DeckyPage struct {
	Items      []Decky `json:"items" nullable:"false" doc:"Oldest first."`
	NextCursor *string `json:"next_cursor" doc:"Where the next page begins; null on the last."`
}

// NewDecky is a decky that somebody wants.
type NewDecky struct {
	Name      string            `json:"name" pattern:"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" example:"web-1" doc:"Letters, digits, - and _. All that is invented for the decky follows from it."`
	Archetype string            `json:"archetype" maxLength:"64" example:"web-server" doc:"What it plays: database-server, linux-server or web-server."`
	Address   string            `json:"address" maxLength:"64" example:"192.0.2.10" doc:"IP address of the node that answers, where its services are to listen."`
	Hostname  string            `json:"hostname,omitempty" maxLength:"64" doc:"What it calls itself. Default: invented."`
	Domain    string            `json:"domain,omitempty" maxLength:"200" doc:"Behind the host name. Default: none."`
	Services  []NewDeckyService `json:"services" minItems:"1" maxItems:"32" nullable:"false" doc:"What it speaks."`
	Rotate    []NewDeckyService `json:"rotate,omitempty" maxItems:"31" doc:"What it speaks besides in about half of its generations."`
	Every     int64             `json:"mutate_interval_seconds,omitempty" minimum:"0" maximum:"31536000" doc:"How often it mutates by itself, about; at least 600. Default: as the configuration of the node says."`
	Reason    string            `json:"reason,omitempty" maxLength:"500" doc:"Why, for the audit log."`
}

// NewDeckyService is one service of a decky that somebody wants.
type NewDeckyService struct {
	Kind   string         `json:"kind" maxLength:"64" example:"ssh" doc:"The protocol."`
	Port   uint16         `json:"port,omitempty" example:"22" doc:"Default: the usual one of the protocol."`
	Config map[string]any `json:"config,omitempty" doc:"Settings of the kind; its README names them."`
}
