package egress

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// The codes of gRPC's status that the gateway says itself.
const (
	grpcDenied      = 7  // PERMISSION_DENIED
	grpcUnavailable = 14 // UNAVAILABLE
)

// isGRPC reports whether a media type is of gRPC or of gRPC-Web, in which messages
// follow each other behind prefixes. The text form of gRPC-Web is none: it is base64.
func isGRPC(kind string) bool {
	base, _, _ := strings.Cut(strings.TrimSpace(kind), "+")
	return base == "application/grpc" || base == "application/grpc-web"
}

// reply tells a client why its request does not go on. Without a word it reports
// false: the stream is then reset.
func (x *stream) reply(bad *failure) (whole bool) {
	if x.begun || x.r.Context().Err() != nil {
		return false
	}
	h := x.begin()
	kind, _, _ := strings.Cut(x.field("content-type"), ";")
	verdict := policy.Allow
	if bad.denied {
		verdict = policy.Deny
	}
	h.Set("X-Cordon-Decision", string(verdict))
	if isGRPC(kind) && !strings.HasPrefix(kind, "application/grpc-web") {
		return x.replyGRPC(h, bad)
	}
	body, err := json.Marshal(bad.problem())
	if err != nil { // strings and a number always encode
		return false
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	x.w.WriteHeader(bad.status)
	_, err = x.w.Write(body)
	return err == nil || x.h.Method == http.MethodHead
}

// replyGRPC answers with a head alone, as gRPC has it for calls that never began. Its
// message says what a person may do, too.
func (x *stream) replyGRPC(h http.Header, bad *failure) bool {
	status, text := grpcUnavailable, bad.detail
	if bad.denied {
		status = grpcDenied
		if bad.decision.AllowCommand != "" {
			text += "; to allow it: " + bad.decision.AllowCommand
		}
	}
	h.Set("Content-Type", "application/grpc")
	h.Set("Grpc-Status", strconv.Itoa(status))
	h.Set("Grpc-Message", url.PathEscape(text))
	x.w.WriteHeader(http.StatusOK)
	return true
}
