package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type sessionCmd struct {
	List   sessionListCmd   `cmd:"" help:"List the connections of clients to deckies, newest first."`
	Show   sessionShowCmd   `cmd:"" help:"Show one with what the client did."`
	Replay sessionReplayCmd `cmd:"" help:"Play a recorded terminal in yours, as it was."`
}

// evidenceFlags narrow lists of what clients did.
type evidenceFlags struct {
	Decky    string `help:"Only on this decky."`
	Service  string `help:"Only with this service."`
	Attacker string `placeholder:"ADDRESS" help:"Only of this address."`
	Limit    int    `default:"50" help:"At most this many."`
}

func (f evidenceFlags) query() client.EvidenceQuery {
	return client.EvidenceQuery{Decky: f.Decky, Service: f.Service, Attacker: f.Attacker}
}

type sessionListCmd struct {
	evidenceFlags
	Recorded bool `help:"Only those whose terminal was recorded."`
}

func (c *sessionListCmd) Run(ctx context.Context, s *session) error {
	q := c.query()
	q.Recorded = c.Recorded
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.DeckySession, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.DeckySessions(ctx, q)
		return p.Items, p.NextCursor, err
	}, sessionTable)
}

func sessionTable(w io.Writer, items []api.DeckySession) error {
	header := []string{"ID", "CAME", "STAYED", "FROM", "DECKY", "SERVICE", "DID"}
	return tableOf(w, "nobody has touched a decky", header, items, func(v api.DeckySession) []string {
		return []string{
			v.ID, v.StartedAt.Local().Format(time.DateTime), lasted(v), v.AttackerIP, v.Decky, v.Service, sessionDid(v),
		}
	})
}

func lasted(v api.DeckySession) string {
	if v.EndedAt == nil {
		return "still here"
	}
	return v.EndedAt.Sub(v.StartedAt).Round(100 * time.Millisecond).String()
}

// sessionDid says in a few words what a client did.
func sessionDid(v api.DeckySession) string {
	var did []string
	add := func(n int, one, many string) {
		if n > 0 {
			did = append(did, plural(n, one, many))
		}
	}
	if v.LoggedIn {
		did = append(did, "logged in as "+v.Principal)
	}
	add(v.Attempts, "login attempt", "login attempts")
	add(v.Commands, "command", "commands")
	add(v.Artifacts, "file", "files")
	if v.Transcript > 0 {
		did = append(did, "recorded")
	}
	if len(did) == 0 {
		return "looked"
	}
	return strings.Join(did, ", ")
}

type sessionShowCmd struct {
	ID    string `arg:"" help:"The session's id."`
	Limit int    `default:"1000" help:"At most this many lines of what the client did, the newest."`
}

// sessionStory is a session with what the client did, oldest first.
type sessionStory struct {
	api.DeckySession
	Logs []api.DeckyLog `json:"logs"`
}

func (c *sessionShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		v, err := cl.DeckySession(ctx, c.ID)
		if err != nil {
			return err
		}
		logs, err := pages(max(c.Limit, 1), func(size int, cursor string) ([]api.DeckyLog, *string, error) {
			p, err := cl.DeckyLogs(ctx, client.EvidenceQuery{Session: v.ID, Limit: size, Cursor: cursor})
			return p.Items, p.NextCursor, err
		})
		if err != nil {
			return err
		}
		for i, j := 0, len(logs)-1; i < j; i, j = i+1, j-1 {
			logs[i], logs[j] = logs[j], logs[i]
		}
		return emit(s, sessionStory{v, logs}, func(w io.Writer) error { return showSession(sentences(w), v, logs) })
	})
}

func showSession(w io.Writer, v api.DeckySession, logs []api.DeckyLog) error {
	for _, f := range [][2]string{
		{"session", v.ID}, {"from", fmt.Sprintf("%s port %d", v.AttackerIP, v.AttackerPort)}, {"decky", v.Decky}, {"service", v.Service + " at " + v.Local},
		{"came", v.StartedAt.Local().Format(time.DateTime)}, {"stayed", lasted(v)}, {"ended", v.EndReason}, {"client", v.Banner}, {"did", sessionDid(v)},
	} {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-9s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	if v.Dropped > 0 {
		if _, err := fmt.Fprintf(w, "%-9s %d more things were too many to keep\n", "dropped", v.Dropped); err != nil {
			return err
		}
	}
	rows := make([][]string, len(logs))
	for i, l := range logs {
		rows[i] = []string{strconv.FormatUint(l.Number, 10), l.Timestamp.Local().Format(time.TimeOnly), l.EventType, l.Summary}
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return table(w, []string{"#", "AT", "WHAT", "SUMMARY"}, rows)
}
