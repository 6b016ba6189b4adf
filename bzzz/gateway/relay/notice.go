package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"

	"go.cordon.dev/cordon/bzzz/gateway/judge"
	"go.cordon.dev/cordon/bzzzlog"
)

// NoticeType is the type of the BZZZ message that tells a sender.
const NoticeType = "message_withheld"

// Notice is the data of that message. It never holds a secret or its redacted
// form: everybody who subscribes reads it.
type Notice struct {
	Gateway          string   `json:"gateway"`                     // name of the gateway
	MessageID        string   `json:"message_id"`                  // of the message that was withheld
	Topic            string   `json:"topic"`                       // it was published in
	Sender           string   `json:"sender"`                      // peer id of who signed it
	Reason           string   `json:"reason"`                      // secret, split_secret, quarantined, not_scanned, scan_timeout, scan_busy
	Rules            []string `json:"rules"`                       // ids of the detection rules
	MessageIDs       []string `json:"message_ids,omitempty"`       // over which a secret was split
	MessageTimestamp string   `json:"message_timestamp,omitempty"` // that the message bore, by which its sender knows it
}

const maxNotices = 1024 // that wait

// noticeTopic is where a gateway's notices are; nobody else's pass there.
func noticeTopic(gateway string) string { return "cordon/notices/" + gateway + "/v1" }

// notices tells senders, signed with the gateway's key by pubsub itself.
type notices struct {
	name    string
	gateway string
	self    peer.ID
	topic   *pubsub.Topic
	queue   chan Notice
	log     *slog.Logger
}

func newNotices(ps *pubsub.PubSub, gateway string, self peer.ID, log *slog.Logger) (*notices, error) {
	n := &notices{name: noticeTopic(gateway), gateway: gateway, self: self, queue: make(chan Notice, maxNotices), log: log}
	var err error
	if n.topic, err = ps.Join(n.name); err != nil {
		return nil, fmt.Errorf("joining the topic of notices: %w", err)
	}
	return n, nil
}

// tell queues a notice; false when there is no room.
func (n *notices) tell(m judge.Message, v judge.Verdict) bool {
	notice := Notice{
		Gateway: n.gateway, MessageID: m.ID, Topic: m.Topic, Sender: m.Sender, Reason: v.Reason,
		Rules: []string{}, MessageTimestamp: v.Report.Timestamp,
	}
	for _, f := range v.Findings {
		notice.Rules = append(notice.Rules, f.Rule)
		notice.MessageIDs = append(notice.MessageIDs, f.Messages...)
	}
	select {
	case n.queue <- notice:
		return true
	default:
		return false
	}
}

func (n *notices) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case notice := <-n.queue:
			if err := n.publish(ctx, notice); err != nil && ctx.Err() == nil {
				n.log.Warn("a sender is not told", "error", err)
			}
		}
	}
}

func (n *notices) publish(ctx context.Context, notice Notice) error {
	data, err := json.Marshal(notice)
	if err != nil {
		return fmt.Errorf("writing a notice: %w", err)
	}
	text, err := bzzzlog.EncodeMessage(bzzzlog.Message{Type: NoticeType, From: n.self.String(), Timestamp: time.Now().UTC(), Data: data, HopCount: "0"})
	if err != nil {
		return fmt.Errorf("writing a notice: %w", err)
	}
	if err := n.topic.Publish(ctx, text); err != nil {
		return fmt.Errorf("publishing a notice: %w", err)
	}
	return nil
}
