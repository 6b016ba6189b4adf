// Package stdio stands between an agent and a server of MCP that the agent started as
// a program, where they talk over the server's standard input and output: JSON-RPC, a
// message a line (modelcontextprotocol.io, transports, stdio). Each line is held until it
// is whole, a Judge is asked, and what may not pass is answered in its place, so that
// nobody waits for an answer that will not come.
//
//	b := stdio.Bridge{Judge: judge, Agent: os.Stdout, Server: stdin, Note: os.Stderr}
//	go b.FromAgent(ctx, os.Stdin)
//	err := b.FromServer(ctx, stdout)
//
// It holds at most two lines of MostLine bytes, and remembers at most mostPending ids.
//
// It imports the standard library and egress/jsonrpc. Whoever decides is behind Judge;
// starting and ending the server is its caller's.
package stdio
