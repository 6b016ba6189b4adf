// Package clock is the one place where Cordon asks what time it is, so that a
// test can hold time still and push it forward.
//
// Level 0: standard library only.
package clock

import "time"

// Clock tells the time and wakes up later. Real and Fake implement it.
type Clock interface {
	// Now is the current instant in UTC.
	Now() time.Time
	// After delivers the time once d has passed; at once when d <= 0.
	After(d time.Duration) <-chan time.Time
}

// Real is the machine's clock.
type Real struct{}

// Now implements Clock.
func (Real) Now() time.Time { return time.Now().UTC() }

// After implements Clock.
func (Real) After(d time.Duration) <-chan time.Time { return time.After(d) }
