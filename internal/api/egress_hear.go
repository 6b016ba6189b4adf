package api

import (
	"context"
	"net/http"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/httpx"
)

// EgressMessage is a message that is to be passed on, with what the kernel says of
// the process that passes it on.
type EgressMessage struct {
	EgressHearRequest
	UID uint32
	PID int // 0: it did not ask through the control socket
}

// maxHearBody is a message of 8 MiB in base64, and what stands around it.
const maxHearBody = 12 << 20

type hearInput struct{ Body EgressHearRequest }

// hear judges a message for cordon egress mcp.
func (s *server) hear(ctx context.Context, in *hearInput) (*decideOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	if e.Hear == nil {
		return nil, problem(http.StatusConflict, "no server runs, so nobody decides; start cordon serve")
	}
	m := EgressMessage{EgressHearRequest: in.Body}
	if normal, err := policy.NormalHost(m.Server); err != nil || normal != m.Server || !strings.HasSuffix(normal, egress.LocalServers) {
		return nil, invalid("body.server", "is no name such as files"+egress.LocalServers)
	}
	if (len(m.Text) == 0) == (m.Unseen == "") {
		return nil, invalid("body.text", "is missing, or there beside unseen")
	}
	if peer, ok := httpx.PeerOf(ctx); ok {
		m.UID, m.PID = peer.UID, int(peer.PID)
	}
	return &decideOutput{decideAnswer(e.Hear(ctx, m))}, nil
}
