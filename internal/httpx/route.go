package httpx

import "context"

// routeKey is the context key of the place where SetRoute writes.
type routeKey struct{}

// SetRoute says which of the server's routes a request took, such as
// "GET /api/v1/quarantine/{id}", for WrapOptions.Observe. A path is no route:
// strangers choose it.
func SetRoute(ctx context.Context, route string) {
	if place, ok := ctx.Value(routeKey{}).(*string); ok {
		*place = route
	}
}
