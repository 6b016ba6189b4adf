package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// Problem is an error answer (RFC 9457).
type Problem = huma.ErrorModel

// problem builds an error answer. detail says what is wrong, where, and what
// to do.
func problem(status int, detail string, args ...any) *Problem {
	return &Problem{Status: status, Title: http.StatusText(status), Detail: fmt.Sprintf(detail, args...)}
}

// explain finishes every problem before it is written: detail names the first
// places that are wrong, values are not sent back (one of them may be a
// password), and failures inside stay inside.
func explain(_ huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*Problem)
	if !ok {
		return v, nil
	}
	if p.Status >= http.StatusInternalServerError {
		p.Errors = nil
	}
	var where []string
	for i, e := range p.Errors {
		p.Errors[i] = &huma.ErrorDetail{Location: e.Location, Message: plainly(e.Message)}
		if i < 3 {
			where = append(where, strings.TrimPrefix(e.Location+": "+plainly(e.Message), ": "))
		}
	}
	if p.Detail == "validation failed" && len(where) > 0 {
		p.Detail = strings.Join(where, "; ")
	}
	return p, nil
}

// plainly says what people do wrong most often in their words, not in the framework's.
func plainly(message string) string {
	if strings.HasPrefix(message, "expected string to be RFC 4122 uuid") {
		return "it is no id; an id has 36 characters, such as 01936d2c-5f8e-7abc-9def-0123456789ab, and lists show it whole"
	}
	return message
}

// answer turns what a handler returns into what the caller may know.
func (s *server) answer(ctx context.Context, err error) error {
	var p *Problem
	var input *auth.InputError
	var many *auth.TooManyError
	switch {
	case errors.As(err, &p):
		return err
	case errors.As(err, &input):
		return invalid("body."+input.Field, input.Why)
	case errors.As(err, &many):
		return retryAfter(problem(http.StatusTooManyRequests, "%s", many.Error()), many.RetryAfter)
	case errors.Is(err, auth.ErrBusy):
		return retryAfter(problem(http.StatusServiceUnavailable, "%s", auth.ErrBusy.Error()), time.Second)
	case errors.Is(err, auth.ErrCredentials):
		return problem(http.StatusUnauthorized, "%s", auth.ErrCredentials.Error())
	case errors.Is(err, auth.ErrSetupToken):
		return problem(http.StatusForbidden, "%s", auth.ErrSetupToken.Error())
	case errors.Is(err, leak.ErrNotFound), errors.Is(err, auth.ErrNotFound):
		return problem(http.StatusNotFound, "there is no such thing; it may have been removed")
	case errors.Is(err, auth.ErrLastAdmin):
		return problem(http.StatusConflict, "%s", auth.ErrLastAdmin.Error())
	case errors.Is(err, auth.ErrExists):
		return problem(http.StatusConflict, "the name is taken; choose another")
	case errors.Is(err, store.ErrUnreachable):
		s.Log.ErrorContext(ctx, "request not answered: the store is away", "error", err)
		return retryAfter(problem(http.StatusServiceUnavailable, "%s", store.ErrUnreachable.Error()), 5*time.Second)
	case errors.Is(err, context.Canceled):
		return problem(http.StatusServiceUnavailable, "the request was given up before it was answered")
	case errors.Is(err, context.DeadlineExceeded):
		s.Log.ErrorContext(ctx, "request not answered in time", "error", err)
		return retryAfter(problem(http.StatusServiceUnavailable, "the store did not answer in time; try again in a few seconds"), 2*time.Second)
	}
	s.Log.ErrorContext(ctx, "request failed", "error", err)
	return problem(http.StatusInternalServerError, "%s", errInternal.Error())
}

// invalid is the answer to a value that cannot be taken.
func invalid(where, why string) *Problem {
	p := problem(http.StatusUnprocessableEntity, "%s: %s", where, why)
	p.Errors = []*huma.ErrorDetail{{Location: where, Message: why}}
	return p
}

func retryAfter(p *Problem, d time.Duration) error {
	seconds := strconv.Itoa(int(math.Ceil(max(d, time.Second).Seconds())))
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {seconds}})
}

// writeProblem answers outside of the framework.
func writeProblem(w http.ResponseWriter, p *Problem) {
	httpx.NewProblem(p.Status, p.Detail).Write(w)
}
