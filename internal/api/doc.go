// Package api is the HTTP face: /api/v1 (OpenAPI 3.1, RFC 9457 problems), the
// live stream, and the dashboard's files. The same handler serves the TCP
// listener, the control socket and the CLI when no server runs.
//
// To add a resource: one file with its operations and the storage interface it
// needs, one line in routes.go, and `make generate` to renew docs/openapi.json.
//
// Level 3: it may import L0, L1 and L2.
package api
