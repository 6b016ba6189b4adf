package source

// What is too large for one entry is cut into pieces of at most PieceSize
// bytes, each of which begins with the last PieceOverlap bytes of the one
// before, so that a secret on a cut is whole in one of them. MaxEntries bounds
// a batch of small entries.
const (
	PieceSize    = 1 << 20
	PieceOverlap = 64 << 10
	MaxEntries   = 4096
)
