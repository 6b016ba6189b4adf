// Package egress keeps a Go program to a policy of what may leave: an
// http.RoundTripper, a dialer for everything else, a door for WebSockets that
// come in. It asks the policy in the process itself, or a server; package policy
// says what a policy is.
//
//	guard, err := egress.New(document, egress.Options{})
//	client := &http.Client{Transport: guard.Transport(nil)}
//	_, err = client.Get("https://paste.example/")
//	var denied *egress.AccessDeniedError
//	if errors.As(err, &denied) {
//		log.Print(denied.AllowCommand)
//	}
//
// With [Options.Server] a running Cordon is asked instead, over its control socket:
// one policy for all programs of a machine, and one record of what they did, with
// the file and line of the program that asked.
//
// # What it is sure of
//
// A name is resolved once, every address is judged, and only a judged address is
// dialed; the connection that comes back is compared with it. A redirect is a new
// request and judged as one. A request on a connection that was kept is judged
// again, with the address it goes to. When the policy is replaced, connections
// that it no longer allows are closed.
//
// # What it cannot be sure of
//
// It guards what goes through it. Code of the same process that dials by itself is
// not held; a gateway or a jail outside the process is for that. What a Dialer
// speaks, and whether it is encrypted, is the program's word. It does not count what
// is sent, so that a policy with a data_budget is refused, and a server denies by
// such a rule; and where a server has the policy, connections that are open are not
// closed when that changes.
//
// # Adding to it
//
// The package imports the standard library and policy. A new door judges with the
// host before it resolves, with the address before it dials, and calls
// [Guard.Observe]'s function through decide, so that nothing leaves unrecorded.
package egress
