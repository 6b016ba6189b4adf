package guard_test

import (
	"slices"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// reasons keeps why pubsub refused messages, and who is in the mesh.
type reasons struct {
	mu   sync.Mutex
	all  []string
	mesh []peer.ID
}

func (r *reasons) grafted(p peer.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.mesh, p)
}

// Graft notes that messages are sent to a peer from now on.
func (r *reasons) Graft(p peer.ID, _ string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mesh = append(r.mesh, p)
}

func (r *reasons) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.all...)
}

func (r *reasons) RejectMessage(_ *pubsub.Message, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, reason)
}

func (*reasons) AddPeer(peer.ID, protocol.ID)         {}
func (*reasons) RemovePeer(peer.ID)                   {}
func (*reasons) Join(string)                          {}
func (*reasons) Leave(string)                         {}
func (*reasons) Prune(peer.ID, string)                {}
func (*reasons) ValidateMessage(*pubsub.Message)      {}
func (*reasons) DeliverMessage(*pubsub.Message)       {}
func (*reasons) DuplicateMessage(*pubsub.Message)     {}
func (*reasons) ThrottlePeer(peer.ID)                 {}
func (*reasons) RecvRPC(*pubsub.RPC)                  {}
func (*reasons) SendRPC(*pubsub.RPC, peer.ID)         {}
func (*reasons) DropRPC(*pubsub.RPC, peer.ID)         {}
func (*reasons) UndeliverableMessage(*pubsub.Message) {}
