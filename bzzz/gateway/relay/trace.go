package relay

import (
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// tracer is told by the router of what validators never see.
type tracer struct{ relay *Relay }

// RejectMessage implements pubsub.RawTracer: a message for which there was no
// room was withheld unseen, and is counted.
func (t *tracer) RejectMessage(_ *pubsub.Message, reason string) {
	if reason == pubsub.RejectValidationQueueFull || reason == pubsub.RejectValidationThrottled {
		t.relay.tally.dropped.Add(1)
	}
}

// DuplicateMessage implements pubsub.RawTracer.
func (t *tracer) DuplicateMessage(m *pubsub.Message) {
	t.relay.meet(t.relay.book.again(m, t.relay.sides.of), m)
}

// DropRPC implements pubsub.RawTracer: a peer takes messages too slowly.
func (t *tracer) DropRPC(rpc *pubsub.RPC, _ peer.ID) {
	t.relay.tally.dropped.Add(int64(len(rpc.GetPublish())))
}

// OnNewOutboundStream implements pubsub.RawTracer.
func (*tracer) OnNewOutboundStream(peer.ID, protocol.ID) {}

// OnClosedOutboundStream implements pubsub.RawTracer.
func (*tracer) OnClosedOutboundStream(peer.ID) {}

// Join implements pubsub.RawTracer.
func (*tracer) Join(string) {}

// Leave implements pubsub.RawTracer.
func (*tracer) Leave(string) {}

// Graft implements pubsub.RawTracer.
func (*tracer) Graft(peer.ID, string) {}

// Prune implements pubsub.RawTracer.
func (*tracer) Prune(peer.ID, string) {}

// ValidateMessage implements pubsub.RawTracer.
func (*tracer) ValidateMessage(*pubsub.Message) {}

// DeliverMessage implements pubsub.RawTracer.
func (*tracer) DeliverMessage(*pubsub.Message) {}

// ThrottlePeer implements pubsub.RawTracer.
func (*tracer) ThrottlePeer(peer.ID) {}

// RecvRPC implements pubsub.RawTracer.
func (*tracer) RecvRPC(*pubsub.RPC) {}

// SendRPC implements pubsub.RawTracer.
func (*tracer) SendRPC(*pubsub.RPC, peer.ID) {}

// SendRPCCompleted implements pubsub.RawTracer.
func (*tracer) SendRPCCompleted(*pubsub.RPC, peer.ID, time.Duration) {}

// UndeliverableMessage implements pubsub.RawTracer.
func (*tracer) UndeliverableMessage(*pubsub.Message) {}
