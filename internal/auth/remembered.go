package auth

import (
	"context"
	"errors"
	"sync"
	"time"
)

// While the store is away, nobody can say whether a key is still in force. What sensors
// report would be refused then, though there is a spool for it. So a key that the store
// knew a short while ago is believed: it may have been revoked since by a node that
// reaches the store, for that long at most.

// KeyBelief is how long after the store knew a key that is believed without it.
const KeyBelief = 15 * time.Minute

const (
	// storePatience is how long the store is waited for when there is a belief.
	storePatience = 2 * time.Second
	maxRemembered = 1 << 10
)

// remembered are the keys that the store knew lately, by hash.
type remembered struct {
	mu   sync.Mutex
	keys map[string]knownKey
}

type knownKey struct {
	key APIKey
	at  time.Time
}

func (r *remembered) note(hash string, key APIKey, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil || len(r.keys) >= maxRemembered {
		r.keys = map[string]knownKey{}
	}
	r.keys[hash] = knownKey{key, at}
}

func (r *remembered) find(hash string, now time.Time) (APIKey, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.keys[hash]
	return k.key, ok && now.Sub(k.at) < KeyBelief
}

func (r *remembered) forget(hash string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, hash)
}

// forgetName forgets the keys of a name, which this node has revoked.
func (r *remembered) forgetName(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for hash, k := range r.keys {
		if k.key.Name == name {
			delete(r.keys, hash)
		}
	}
}

// lookUp asks the store for a key; believed says that it did not answer, and what it
// said last is returned.
func (k *Keys) lookUp(ctx context.Context, hash string, now time.Time) (key APIKey, believed bool, err error) {
	known, ok := k.known.find(hash, now)
	asking := ctx
	if ok {
		var cancel context.CancelFunc
		asking, cancel = context.WithTimeout(ctx, storePatience)
		defer cancel()
	}
	key, err = k.store.KeyByHash(asking, hash)
	switch {
	case err == nil && key.RevokedAt == nil:
		k.known.note(hash, key, now)
	case err == nil || errors.Is(err, ErrNotFound):
		k.known.forget(hash)
	case ok && ctx.Err() == nil:
		return known, true, nil
	}
	return key, false, err
}
