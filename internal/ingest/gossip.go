package ingest

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// What one report of a gossip gateway may list. Two hundred nodes with their addresses
// need more than other events.
const (
	maxReport    = 256 << 10 // bytes of data
	maxListed    = 200       // nodes, and topics
	maxListeners = 16        // also addresses of one; more are left out
	maxNameText  = 512       // bytes of a text that are kept: nodes choose most of them, and none may keep a report out
)

var (
	gatewayForm = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	// peerForm is a libp2p peer id in its usual text form: the base58btc multihash of an
	// Ed25519 or secp256k1 key, or of a longer key's SHA-256 (libp2p specs, peer-ids).
	peerForm = regexp.MustCompile(`^(12D3KooW|16Uiu2HA|Qm)[1-9A-HJ-NP-Za-km-z]{44,45}$`)
	// textForm is any other printable id: it is redacted, as every text.
	textForm = regexp.MustCompile(`^[!-~]{1,128}$`)
)

func checkGateway(p *event.GatewayReported, _ event.Event, redact func(string) string) error {
	switch {
	case !gatewayForm.MatchString(p.GatewayID):
		return errors.New("gateway_id is not 1 to 64 lower-case letters, digits or -")
	case p.State != event.GatewayRunning && p.State != event.GatewayStopping:
		return errors.New("state is not running or stopping; that a gateway is lost, the server says")
	case len(p.Listeners) > maxListeners || len(p.Peers) > maxListed || len(p.Topics) > maxListed:
		return fmt.Errorf("it lists more than %d listeners, %d peers or %d topics; what is more is counted only", maxListeners, maxListed, maxListed)
	case p.Queue < 0 || p.Spooled < 0:
		return errors.New("queue and spooled are not below 0")
	}
	p.PeersTotal, p.TopicsTotal = max(p.PeersTotal, len(p.Peers)), max(p.TopicsTotal, len(p.Topics))
	p.Listeners, p.Peers, p.Topics = listed(p.Listeners), listed(p.Peers), listed(p.Topics)
	c := checker{redact: redact}
	c.text(&p.Version)
	for i := range p.Listeners {
		c.listener(&p.Listeners[i])
	}
	for i := range p.Peers {
		c.peer(&p.Peers[i])
	}
	for i := range p.Topics {
		c.topic(&p.Topics[i])
	}
	return c.err
}

func checkBypass(p *event.GatewayBypassed, e event.Event, redact func(string) string) error {
	if !gatewayForm.MatchString(p.GatewayID) {
		return errors.New("gateway_id is not 1 to 64 lower-case letters, digits or -")
	}
	if e.Severity < event.Medium {
		return errors.New("a bypass has a severity from medium on")
	}
	c := checker{redact: redact}
	c.id("peer_a", &p.PeerA)
	c.id("peer_b", &p.PeerB)
	c.text(&p.MessageTopic)
	c.text(&p.MessageID)
	c.text(&p.Evidence)
	return c.err
}

// checker checks the parts of a report and redacts their texts. Its error is of the
// first that cannot be taken.
type checker struct {
	redact func(string) string
	err    error
}

func (c *checker) fail(err error) { c.err = cmp.Or(c.err, err) }

func (c *checker) listener(l *event.GatewayListener) {
	c.side(l.Side)
	c.id("listeners.peer_id", &l.PeerID)
	l.Addresses = listed(l.Addresses)
	l.Addresses = l.Addresses[:min(len(l.Addresses), maxListeners)]
	for i := range l.Addresses {
		c.text(&l.Addresses[i])
	}
}

func (c *checker) peer(p *event.GatewayPeer) {
	c.side(p.Side)
	c.id("peers.peer_id", &p.PeerID)
	c.text(&p.Address)
	c.text(&p.Agent)
	if _, err := time.Parse(time.RFC3339, p.ConnectedAt); p.ConnectedAt != "" && err != nil {
		c.fail(errors.New("peers.connected_at is not a time such as 2026-03-14T14:32:07Z"))
	}
}

func (c *checker) topic(t *event.GatewayTopic) {
	if t.PeersA < 0 || t.PeersB < 0 {
		c.fail(errors.New("topics.peers_a and peers_b are not below 0"))
	}
	c.text(&t.Name)
}

func (c *checker) side(s string) {
	if s != "a" && s != "b" {
		c.fail(errors.New("side is not a or b"))
	}
}

// id takes a peer id as it is, and any other id without what looks like a secret.
func (c *checker) id(field string, s *string) {
	switch {
	case peerForm.MatchString(*s):
	case textForm.MatchString(*s):
		*s = c.redact(*s)
	default:
		c.fail(fmt.Errorf("%s is not a peer id of 1 to 128 printable characters", field))
	}
}

// text cuts a text rather than refuse it, and takes out what looks like a secret.
func (c *checker) text(s *string) {
	if !peerForm.MatchString(*s) {
		*s = shorten(*s, maxNameText, c.redact)
	}
}

// listed is a list that is [] in JSON when it is empty.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
