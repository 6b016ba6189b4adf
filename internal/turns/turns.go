// Package turns lets a loop over much work give way to what is short.
//
// A goroutine that computes keeps its processor for 10 ms before Go takes it away. Where
// two of them read, search and write thousands of records, an alert that goes through
// five goroutines waits for a turn five times. A loop over items of some microseconds
// calls [Give] for each.
//
// Level 0: standard library only.
package turns

import "runtime"

// each is how many items a loop works off before it gives way: some hundred
// microseconds of them.
const each = 32

// Give lets others have their turn behind every 32nd item; n counts them from 0.
func Give(n int) {
	if n%each == each-1 {
		runtime.Gosched()
	}
}
