package detect

import "math"

// Entropy is the Shannon entropy of b in bits per byte: 0 for "aaaa", at most
// log2(len(b)), about 4 for random hex and 5 to 6 for random base64.
func Entropy(b []byte) float64 {
	if len(b) == 0 {
		return 0
	}
	var count [256]int
	for _, c := range b {
		count[c]++
	}
	n, sum := float64(len(b)), 0.0
	for _, c := range count {
		if c > 0 {
			sum += float64(c) * math.Log2(float64(c))
		}
	}
	return math.Log2(n) - sum/n
}
