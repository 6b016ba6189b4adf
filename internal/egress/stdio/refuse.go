package stdio

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/egress/jsonrpc"
)

const (
	codeDenied     = -32003 // in the range of JSON-RPC 2.0, section 5.1, that is left to servers
	codeNoMessage  = -32600 // it is no request, says the same section
	mostNote       = 500    // bytes of a line for people
	noID           = "null"
	protocolOfJSON = "2.0"
)

// reply is an answer in the place of a message that did not pass.
type reply struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Error   refusal         `json:"error"`
}

type refusal struct {
	Code    int         `json:"code"`
	Message string      `json:"message"`
	Data    refusalData `json:"data"`
}

type refusalData struct {
	Reason       string `json:"reason"`
	Rule         string `json:"rule,omitempty"`
	AllowCommand string `json:"allow_command,omitempty"`
}

// refuse answers for a message that does not pass: whoever asks in it is told why, and
// so is who waits for an answer in it. An id that nobody asked with is not passed on:
// a secret may stand there.
func (d *direction) refuse(m jsonrpc.Message, known bool, v Verdict) error {
	d.tell(m, known, v)
	asks := m.Asks
	if !known && !d.server { // it may have asked: an answer without an id says so
		asks = []string{noID}
	}
	if err := d.deny(d.sender, d.back, asks, m.Batch, known, v); err != nil {
		return err
	}
	if err := d.deny(d.receiver, d.on, d.receiver.answered(m.Answers), m.Batch, known, v); err != nil {
		return err
	}
	if v.Over {
		return ErrOver
	}
	return nil
}

// deny writes an error for each id, as a list where the message was one.
func (d *direction) deny(to *end, w io.Writer, ids []string, batch, known bool, v Verdict) error {
	if len(ids) == 0 {
		return nil
	}
	replies := make([]reply, len(ids))
	for i, id := range ids {
		replies[i] = v.reply(id, known)
	}
	if batch {
		return d.send(to, w, replies)
	}
	return d.send(to, w, replies[0])
}

func (d *direction) send(to *end, w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("answering %s: %w", d.from, err)
	}
	return d.write(to, w, append(line, '\n'))
}

func (v Verdict) reply(id string, known bool) reply {
	code := codeDenied
	if !known {
		code = codeNoMessage
	}
	return reply{Version: protocolOfJSON, ID: json.RawMessage(id), Error: refusal{
		Code: code, Message: "denied by Cordon: " + v.Detail, Data: refusalData{Reason: v.Reason, Rule: v.Rule, AllowCommand: v.AllowCommand},
	}}
}

// tell writes a line for people. What was said is not in it.
func (d *direction) tell(m jsonrpc.Message, known bool, v Verdict) {
	what := "a message"
	switch {
	case !known:
		what = "what is no message of MCP, or too long,"
	case len(m.Asks) == 0 && len(m.Methods) > 0:
		what = "a notification"
	case len(m.Methods) == 0:
		what = "an answer"
	}
	text := fmt.Sprintf("cordon: %s of %s was refused (%s): %s", what, d.from, v.Reason, v.Detail)
	d.b.note.Lock()
	defer d.b.note.Unlock()
	_, _ = fmt.Fprintln(d.b.Note, strings.ToValidUTF8(text[:min(len(text), mostNote)], "")) // who cannot be told is not
}
