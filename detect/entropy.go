package detect

import "go.cordon.dev/cordon/detect/internal/model"

// Entropy is the Shannon entropy of b in bits per byte: 0 for "aaaa", at most
// log2(len(b)), about 4 for random hex and 5 to 6 for random base64.
func Entropy(b []byte) float64 { return model.Entropy(b) }
