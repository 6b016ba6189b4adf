package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// ErrBusy says that more passwords wait to be checked than memory allows.
var ErrBusy = errors.New("too many logins at once; try again in a few seconds")

// The cost of a hash as the OWASP Password Storage Cheat Sheet recommends for
// argon2id, and the sizes RFC 9106 (section 4) recommends.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonThreads = 1
	saltSize     = 16
	hashSize     = 32
)

// HasherOptions is the cost of hashing.
type HasherOptions struct {
	MemoryKiB uint32 // If 0, 19 MiB.
	Passes    uint32 // If 0, 2.
	AtOnce    int    // hashes computed at a time; with MemoryKiB this bounds memory. If 0, 4.
	Waiting   int    // callers that may wait for their turn. If 0, 64.
}

// Hasher makes and checks argon2id hashes, a bounded number at a time, so that
// a flood of logins exhausts neither memory nor processors.
type Hasher struct {
	memory, passes uint32
	turns          chan struct{}
	waiting        atomic.Int64
	most           int64
	decoy          phc
}

// NewHasher returns a Hasher of the given cost.
func NewHasher(o HasherOptions) *Hasher {
	h := &Hasher{
		memory: or(o.MemoryKiB, argonMemory), passes: or(o.Passes, argonPasses),
		turns: make(chan struct{}, or(o.AtOnce, 4)), most: int64(or(o.Waiting, 64)),
	}
	h.decoy = phc{memory: h.memory, passes: h.passes, threads: argonThreads, salt: random(saltSize), hash: random(hashSize)}
	return h
}

// Hash returns the hash of a password in PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	p := phc{memory: h.memory, passes: h.passes, threads: argonThreads, salt: random(saltSize)}
	err := h.turn(ctx, func() { p.hash = p.derive(password, hashSize) })
	return p.String(), err
}

// Verify reports whether password is the one behind a PHC string.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (ok bool, err error) {
	p, err := parsePHC(encoded)
	if err != nil {
		return false, err
	}
	return h.compare(ctx, p, password)
}

// Pretend does the work of Verify for a user who does not exist, so that the
// time of the answer does not tell.
func (h *Hasher) Pretend(ctx context.Context, password string) error {
	_, err := h.compare(ctx, h.decoy, password)
	return err
}

func (h *Hasher) compare(ctx context.Context, p phc, password string) (ok bool, err error) {
	err = h.turn(ctx, func() {
		ok = subtle.ConstantTimeCompare(p.derive(password, len(p.hash)), p.hash) == 1
	})
	return ok, err
}

// turn runs f when a place is free.
func (h *Hasher) turn(ctx context.Context, f func()) error {
	if h.waiting.Add(1) > h.most {
		h.waiting.Add(-1)
		return ErrBusy
	}
	defer h.waiting.Add(-1)
	select {
	case h.turns <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting to check a password: %w", ctx.Err())
	}
	defer func() { <-h.turns }()
	f()
	return nil
}

// phc is a hash with its parameters. Its text form is the PHC string format
// (github.com/P-H-C/phc-string-format) that other argon2 tools read and write.
type phc struct {
	memory, passes uint32
	threads        uint8
	salt, hash     []byte
}

func (p phc) derive(password string, size int) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.threads, uint32(size))
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.threads, b64(p.salt), b64(p.hash))
}

// errHash never shows the hash it is about.
var errHash = errors.New("stored password hash is not an argon2id PHC string within limits; set the password anew with: cordon user passwd")

// parsePHC reads a stored hash. Its limits keep a damaged or planted row from
// costing more than 256 MiB.
func parsePHC(s string) (phc, error) {
	var p phc
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads); err != nil {
		return phc{}, errHash
	}
	var errSalt, errSum error
	p.salt, errSalt = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	p.hash, errSum = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if errSalt != nil || errSum != nil || !p.sane() || p.String() != s {
		return phc{}, errHash
	}
	return p, nil
}

func (p phc) sane() bool {
	return p.memory >= 8 && p.memory <= 256*1024 && p.passes >= 1 && p.passes <= 16 && p.threads >= 1 && p.threads <= 16 &&
		len(p.salt) >= 8 && len(p.salt) <= 64 && len(p.hash) >= 16 && len(p.hash) <= 64
}

// random returns n bytes of the system's generator, which never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
