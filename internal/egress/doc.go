// Package egress is the sensor that stands between programs and the network: a
// gateway that speaks HTTP and SOCKS5 on one port, asks a policy about
// everything anybody wants to do outside, and lets nothing pass that was not
// allowed and recorded.
//
// A connection's way: client.go takes it and sees by the first byte what is
// spoken (forward.go, connect.go, socks.go). What is wanted becomes a flow
// (flow.go), which is judged by name, resolved once, judged by every address,
// and dialed at exactly the judged addresses (reach.go, dial.go). A tunnel's
// first bytes are looked at from both ends before one of them moves (inspect.go):
// they must be about the host that was allowed. TLS is taken off where the policy says
// so (intercept.go, egress/intercept): what is inside is read like what comes without
// it, and HTTP/2 stream by stream (h2.go, h2stream.go, grpc.go), also where it begins
// without TLS (h2clear.go). What a request of HTTP sends is searched for secrets on its
// way (leak.go, egress/dlp; egress/own knows this machine's), and what it says over a
// WebSocket or as MCP a message at a time (websocket.go, mcp.go); what a rule has a
// data_budget for is paid for (spend.go, egress/budget). Then relay.go moves bytes and
// counts them. Whoever waits for an answer is watched (hangup.go), and whoever owes a
// request makes room when the house is full (crowd.go). The table of flows (table.go)
// is the one truth that lists, statistics, the reload of a policy and the kill switch
// work on.
//
// Who comes in from outside to a program that serves WebSockets takes another door
// (inbound.go), behind which the same holds with the ends exchanged.
//
// What an agent and an MCP server say to each other that it started as a program passes
// no gateway: egress/stdio carries it, and asks here about each message (hear.go), as
// programs do that guard themselves (ask.go).
//
// To recognise another protocol inside a tunnel, add it to egress/sniff; what
// needs the answers of both sides has its place in inspect.go.
//
// Level 2: it may import L0, L1, its own folders and the public libraries
// guard/egress/policy and detect. It declares what it needs of others: Judge, Recorder, Switch,
// Resolver, Callers, Authority, Admitter.
package egress
