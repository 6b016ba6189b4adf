package policy

import "strings"

// refuse denies, with a sentence and the command that would allow it.
func refuse(reason Reason, r *Request) Decision {
	return Decision{Result: Deny, Reason: reason, Detail: sentence(reason, r, ""), AllowCommand: allowCommand(reason, r)}
}

// refuseRule denies and names the rule that came nearest; id may be empty.
func refuseRule(reason Reason, r *Request, id string) Decision {
	return Decision{Result: Deny, Reason: reason, RuleID: id, Detail: sentence(reason, r, id), AllowCommand: allowCommand(reason, r)}
}

// sentence is for people. It quotes the host, which is in normal form by then,
// and never a path, a method or a command line: a secret may stand there.
func sentence(reason Reason, r *Request, id string) string {
	text, ok := sentences[reason]
	if !ok {
		return string(reason)
	}
	before, after, hasHost := strings.Cut(text, "HOST")
	if hasHost {
		text = before + destination(r) + after
	}
	if rest, ok := strings.CutPrefix(text, "RULE"); ok {
		text = "rule " + id + rest
	}
	return text
}

// sentences of the denials. HOST and RULE are filled in.
var sentences = map[Reason]string{
	ReasonNoPolicy:         "there is no policy, so nothing may leave",
	ReasonKillSwitch:       "emergency.kill_switch is on: nothing may leave",
	ReasonNetworkDisabled:  "global.network_enabled is false: only this machine can be reached",
	ReasonLocalhostOnly:    "emergency.localhost_only is true: only this machine can be reached",
	ReasonMetadataAddress:  "HOST is a metadata service or link-local, which no mode and no rule opens",
	ReasonPrivateAddress:   "HOST lies in loopback, private or reserved address space, which no rule names",
	ReasonBadHost:          "the host is not in normal form, or is not at the address it was said to be at",
	ReasonDefaultPolicy:    "no rule speaks of HOST, and default_policy is deny",
	ReasonPort:             "RULE is for the host of HOST but for other ports",
	ReasonProgram:          "RULE is for HOST but for other programs, or the program is not known",
	ReasonProtocol:         "RULE is for HOST but for another protocol than the one spoken",
	ReasonMethod:           "RULE is for HOST but for other methods",
	ReasonPath:             "RULE is for HOST but for other paths, or the path is ambiguous",
	ReasonTool:             "RULE is for HOST but for other tools of MCP",
	ReasonUnseen:           "RULE limits methods or paths at HOST, and the request is hidden by TLS: intercept_tls in the rule would show it",
	ReasonWindow:           "RULE is for HOST but at other times",
	ReasonExpired:          "RULE is for HOST but has expired",
	ReasonWhen:             "RULE is for HOST, but its when does not hold",
	ReasonWhenFailed:       "RULE is for HOST, but its when could not be judged: it asks about something that is not known here, or it costs too much",
	ReasonDataBudget:       "RULE has let out to HOST what its data_budget allows; it begins anew with the next full hour or day, in UTC",
	ReasonDatabase:         "its section of databases is not enabled, and no rule names the protocol or port of HOST",
	ReasonTLSRequired:      "its section of databases has require_ssl, and the connection to HOST is not encrypted",
	ReasonWebSocket:        "websockets.outbound is not enabled, and no rule for HOST has ws or wss among its protocols",
	ReasonDNS:              "dns is not enabled, and no rule names DNS to HOST",
	ReasonTunnel:           "the names that are asked for look like data on its way out, and no rule for them has dns among its protocols",
	ReasonLeak:             "a secret was found in what would be sent to HOST",
	ReasonNotScanned:       "what would be sent to HOST could not be looked at for secrets",
	ReasonBlockedFile:      "data_leak_prevention.blocked_extensions names what the file holds that would be sent to HOST",
	ReasonBlockedExtension: "data_leak_prevention.blocked_extensions names the kind of file that would be sent to HOST",
}

func destination(r *Request) string {
	if r.Host == "" && r.Address.IsValid() {
		return hostPort(r.Address.Unmap().WithZone("").String(), r.Port)
	}
	return hostPort(r.Host, r.Port)
}

// allowCommand is what an operator could type; empty when nothing may allow it, or
// no command does.
// Everything in it is in normal form, so that it can be pasted into a shell.
func allowCommand(reason Reason, r *Request) string {
	switch reason {
	case ReasonNoPolicy:
		return "cordon egress init"
	case ReasonNetworkDisabled, ReasonLocalhostOnly:
		return "cordon egress enable"
	case ReasonKillSwitch, ReasonMetadataAddress, ReasonBadHost, ReasonTunnel, ReasonLeak, ReasonNotScanned, ReasonBlockedExtension, ReasonTLSRequired, ReasonWebSocket, ReasonDataBudget, ReasonWhen, ReasonWhenFailed:
		return ""
	case ReasonPrivateAddress:
		return addCommand(privateTarget(r))
	}
	return addCommand(destination(r))
}

func addCommand(target string) string { return "cordon egress add " + target + ` "why"` }

// privateTarget is what has to be named for a name that leads into private space:
// the address.
func privateTarget(r *Request) string {
	if r.Address.IsValid() {
		return hostPort(r.Address.Unmap().WithZone("").String(), r.Port)
	}
	return destination(r)
}
