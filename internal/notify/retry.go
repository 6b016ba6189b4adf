package notify

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Retry says when a failed delivery is tried again: exponential backoff with
// full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture
// Blog, 2015), which keeps many deliveries from coming back at once.
type Retry struct {
	Base        time.Duration // Upper bound of the first wait; each further one is four times as long. If 0, 1 s.
	Cap         time.Duration // Upper bound of every wait, also of one the endpoint asks for. If 0, 1 h.
	MaxAttempts int           // If 0, 20.
	MaxAge      time.Duration // A delivery older than this is not tried again. If 0, 72 h.
	// Jitter picks a wait in [0, max]. If nil, at random.
	Jitter func(max time.Duration) time.Duration
}

// growth makes five attempts, after which the breaker trips, span most of a
// minute on average: long enough for a receiver to restart.
const growth = 4

func (r Retry) withDefaults() Retry {
	if r.Base <= 0 {
		r.Base = time.Second
	}
	if r.Cap <= 0 {
		r.Cap = time.Hour
	}
	if r.MaxAttempts <= 0 {
		r.MaxAttempts = 20
	}
	if r.MaxAge <= 0 {
		r.MaxAge = 72 * time.Hour
	}
	if r.Jitter == nil {
		r.Jitter = func(most time.Duration) time.Duration { return rand.N(most + 1) }
	}
	return r
}

// Wait is the time until the attempt that follows the given number of failed
// ones. The endpoint's own wish (Retry-After; 0: none) is honoured up to Cap.
func (r Retry) Wait(failed int, asked time.Duration) time.Duration {
	r = r.withDefaults()
	most := r.Base
	for i := 1; i < failed && most < r.Cap; i++ {
		most *= growth
	}
	return max(r.Jitter(min(most, r.Cap)), min(asked, r.Cap))
}

// exhausted reports whether d has had its attempts, or would be too old by the
// next one.
func (r Retry) exhausted(d Delivery, next time.Time) bool {
	return d.Attempts >= r.MaxAttempts || next.Sub(d.CreatedAt) > r.MaxAge
}

// retryable reports whether a status that is not a success may pass: 408, 429
// and all 5xx. Redirects and other 4xx will not change by asking again.
func retryable(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

// retryAfter reads a Retry-After header (RFC 9110, section 10.2.3): seconds or
// a date. What it cannot read, or has passed, is 0.
func retryAfter(value string, now time.Time) time.Duration {
	const most = 365 * 24 * 60 * 60 // beyond it the product would overflow
	if s, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(s, most)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
