package door

import (
	"math/rand/v2"
	"time"
)

// Jitter spreads a delay by up to half, as PAM does with those of failures: the
// mean of three uniform numbers, so mostly near the middle.
func Jitter(d time.Duration) time.Duration {
	spread := (rand.Float64()+rand.Float64()+rand.Float64())/3 - 0.5
	return d + time.Duration(float64(d)*spread)
}
