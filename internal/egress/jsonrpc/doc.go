// Package jsonrpc reads what a message of JSON-RPC 2.0 asks for, as MCP (the Model
// Context Protocol, modelcontextprotocol.io) uses it: methods, and the tools that
// are called.
//
//	m, err := jsonrpc.Parse(body)
//	m.Methods // ["tools/call"]
//	m.Tools   // ["search"]
//
// It is strict where servers differ: a name that is there twice, or in another case,
// or that is no UTF-8, makes it no message of JSON-RPC. Time and memory are linear in
// the message, which its caller bounds.
//
// It imports the standard library only. What another method names is read in call.go.
package jsonrpc
