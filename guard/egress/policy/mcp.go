package policy

import (
	"slices"
	"strings"
)

// readTools reads patterns of names of tools.
func readTools(m *mapping) []string {
	var tools []string
	for _, v := range m.items("tools") {
		s := v.text()
		if !isTool(s) {
			v.wrong("is no name of a tool", "write up to 200 letters, digits and . _ / : - ; an asterisk stands for any of them")
			continue
		}
		tools = append(tools, s)
	}
	return tools
}

// isTool holds patterns to what names of tools are made of, so that no two
// spellings are one name.
func isTool(pattern string) bool {
	return pattern != "" && len(pattern) <= 200 && !strings.ContainsFunc(pattern, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._/:*-", r))
	})
}

// askTools compares the tools that a request of MCP calls: all have to be the
// rule's. A rule that has tools is for MCP alone.
func (m *matcher) askTools(r *Request) miss {
	if len(m.tools) == 0 || r.Protocol == "" || awaitsRequest(r) {
		return hit
	}
	if r.Protocol != MCP {
		return missProtocol
	}
	for _, called := range r.Tools {
		if !slices.ContainsFunc(m.tools, func(g *glob) bool { return g.covers(called) }) {
			return missTool
		}
	}
	return hit
}

// awaitsRequest reports whether HTTP is spoken of which no request was seen: it may
// turn out to open a WebSocket, or to be MCP.
func awaitsRequest(r *Request) bool {
	b := spoken(r)
	return r.Method == "" && (b == bitHTTP || r.inside && b&(bitHTTPS|bitTLS) != 0)
}

// checkTools refuses tools where nothing could call one.
func checkTools(m *mapping, rule *Rule) {
	if len(rule.Tools) > 0 && len(rule.Protocols) > 0 && !slices.Contains(rule.Protocols, MCP) {
		m.wrong("has tools, and mcp is none of its protocols", "add mcp to protocols, or remove tools")
	}
}
