package app

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/leak/source"
	bzzzsource "go.cordon.dev/cordon/internal/leak/source/bzzzlog"
	dirsource "go.cordon.dev/cordon/internal/leak/source/dir"
	filesource "go.cordon.dev/cordon/internal/leak/source/file"
	hcsource "go.cordon.dev/cordon/internal/leak/source/hypercore"
	stdinsource "go.cordon.dev/cordon/internal/leak/source/stdin"
)

// sourceKind makes the sources of one kind.
type sourceKind struct {
	name string
	make func(config.Source, source.Marker) (source.Source, error)
}

// sourceKinds lists the kinds of leak sources; those that read from the same peer share links.
func sourceKinds(links *peerLinks) []sourceKind {
	return []sourceKind{
		{"hypercore", newHypercore},
		{"hypercore-peer", links.newSource},
		{"bzzz-log", newBzzzLog},
		{"dir", newDir},
		{"file", newFile},
		{"stdin", newStdin},
	}
}

// newSource makes the source that an entry of leak.sources describes.
func (n *node) newSource(c config.Source) (source.Source, error) {
	return newSource(&n.links, c, n.keys.Ring)
}

func newSource(links *peerLinks, c config.Source, mark source.Marker) (source.Source, error) {
	var names []string
	for _, k := range sourceKinds(links) {
		if k.name == c.Kind {
			return k.make(c, mark)
		}
		names = append(names, k.name)
	}
	slices.Sort(names)
	return nil, fmt.Errorf("kind %q is not one of %s", c.Kind, strings.Join(names, ", "))
}

func newHypercore(c config.Source, _ source.Marker) (source.Source, error) {
	key, err := encryptionKey(c.EncryptionKey)
	if err != nil {
		return nil, fmt.Errorf("encryption_key: %w", err)
	}
	return hcsource.New(hcsource.Config{Path: c.Path, EncryptionKey: key}), nil
}

// peerLinks are the ways to the peers that sources read from, by address. Sources with the
// same address share a connection.
type peerLinks struct {
	mu sync.Mutex
	to map[string]*peer.Link
}

func (l *peerLinks) link(address string) *peer.Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.to == nil {
		l.to = map[string]*peer.Link{}
	}
	if l.to[address] == nil {
		l.to[address] = peer.NewLink(peer.TCP(address), wire.Initiator, wire.Options{})
	}
	return l.to[address]
}

func (l *peerLinks) newSource(c config.Source, _ source.Marker) (source.Source, error) {
	core, address, err := hcsource.ParsePeer(c.Path)
	if err != nil {
		return nil, fmt.Errorf("path %w", err)
	}
	key, err := encryptionKey(c.EncryptionKey)
	if err != nil {
		return nil, fmt.Errorf("encryption_key: %w", err)
	}
	return hcsource.NewPeer(hcsource.PeerConfig{Key: core, Address: address, EncryptionKey: key, Link: l.link(address)}), nil
}

func encryptionKey(ref config.Secret) (*hypercore.Key, error) {
	if ref.IsZero() {
		return nil, nil
	}
	value, err := ref.Resolve()
	if err != nil {
		return nil, err
	}
	var key hypercore.Key
	if key.UnmarshalText([]byte(value.Reveal())) != nil { // its error may quote the key
		return nil, fmt.Errorf("%s does not hold %d bytes in hex", ref, len(key))
	}
	return &key, nil
}

func newBzzzLog(c config.Source, m source.Marker) (source.Source, error) {
	return bzzzsource.New(bzzzsource.Config{Path: c.Path, Marker: m}), nil
}

func newDir(c config.Source, m source.Marker) (source.Source, error) {
	return dirsource.New(dirsource.Config{Path: c.Path, Marker: m}), nil
}

func newFile(c config.Source, m source.Marker) (source.Source, error) {
	return filesource.New(filesource.Config{Path: c.Path, Marker: m}), nil
}

// newStdin reads what is piped into the server. There is one standard input,
// so its path is always -.
func newStdin(c config.Source, _ source.Marker) (source.Source, error) {
	if c.Path != "-" {
		return nil, fmt.Errorf("path %q: standard input is written -", c.Path)
	}
	return stdinsource.New(os.Stdin), nil
}
