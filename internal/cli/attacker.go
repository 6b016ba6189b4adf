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

type attackerCmd struct {
	List attackerListCmd `cmd:"" help:"List who touched deckies."`
	Show attackerShowCmd `cmd:"" help:"Show one: why he has his score, what he used, what he gave away, and his way."`
}

type attackerListCmd struct {
	Order    string `enum:"time,score" default:"time" help:"time: the one that came last first. score: the gravest first."`
	MinScore int    `name:"min-score" help:"Only with this score or more."`
	Limit    int    `default:"50" help:"At most this many."`
}

func (c *attackerListCmd) Run(ctx context.Context, s *session) error {
	if c.MinScore < 0 || c.MinScore > 100 {
		return usageError("--min-score %d: give a number from 0 to 100", c.MinScore)
	}
	q := client.AttackerQuery{Order: c.Order, MinScore: c.MinScore}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Attacker, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.Attackers(ctx, q)
		return p.Items, p.NextCursor, err
	}, attackerTable)
}

func attackerTable(w io.Writer, items []api.Attacker) error {
	header := []string{"ADDRESS", "SCORE", "LAST SEEN", "SESSIONS", "DECKIES", "USED", "LOGINS", "NOTE"}
	return tableOf(w, "nobody has touched a decky", header, items, func(a api.Attacker) []string {
		return []string{
			a.Address, strconv.Itoa(a.Score), a.LastSeen.Local().Format(time.DateTime), strconv.Itoa(a.Sessions), strconv.Itoa(a.Deckies),
			fmt.Sprintf("%d of %d", a.Interacted, a.Services), strconv.Itoa(a.Logins), leakedNote(a),
		}
	})
}

func leakedNote(a api.Attacker) string {
	if a.Leaked == 0 {
		return ""
	}
	return "tried a LEAKED secret of yours"
}

type attackerShowCmd struct {
	ID string `arg:"" help:"The attacker's address or id."`
}

// attackerStory is an attacker with his way.
type attackerStory struct {
	api.AttackerDetail
	api.Traversal
}

func (c *attackerShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		a, err := cl.Attacker(ctx, c.ID)
		if err != nil {
			return err
		}
		way, err := cl.Traversal(ctx, a.ID)
		if err != nil {
			return err
		}
		return emit(s, attackerStory{a, way}, func(w io.Writer) error { return showAttacker(sentences(w), a, way) })
	})
}

func showAttacker(w io.Writer, a api.AttackerDetail, way api.Traversal) error {
	var b strings.Builder
	for _, f := range [][2]string{
		{"address", a.Address}, {"id", a.ID}, {"first seen", a.FirstSeen.Local().Format(time.DateTime)}, {"last seen", a.LastSeen.Local().Format(time.DateTime)},
		{"used", serviceNames(a.InteractedWith)}, {"only scanned", serviceNames(a.Scanned)}, {"gave away", leakedAddresses(a)},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%-13s %s\n", f[0], oneLine(f[1]))
		}
	}
	fmt.Fprintf(&b, "\nScore %d\n", a.Score)
	for _, t := range a.Terms {
		fmt.Fprintf(&b, "  %3d  %s\n", t.Points, oneLine(t.Why))
	}
	b.WriteString("\nWay\n")
	mutations := way.Mutations
	for _, h := range way.Hops {
		for ; len(mutations) > 0 && mutations[0].At.Before(h.EnteredAt); mutations = mutations[1:] {
			b.WriteString(mutationLine(mutations[0]))
		}
		left := "still here"
		if h.LeftAt != nil {
			left = "to " + h.LeftAt.Local().Format(time.TimeOnly)
		}
		fmt.Fprintf(&b, "  %s %-12s %s: %s, %d sessions\n", h.EnteredAt.Local().Format(time.DateTime), left, oneLine(h.Decky), strings.Join(h.Services, ", "), len(h.Sessions))
	}
	for _, m := range mutations {
		b.WriteString(mutationLine(m))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func mutationLine(m api.WayMutation) string {
	return fmt.Sprintf("  %s              %s became another host (%s)\n", m.At.Local().Format(time.DateTime), oneLine(m.Decky), m.Trigger)
}

func serviceNames(all []api.AttackerService) string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = v.Service
	}
	return strings.Join(out, ", ")
}

// leakedAddresses names some of the addresses that requests gave away.
func leakedAddresses(a api.AttackerDetail) string {
	if a.Rotation {
		return fmt.Sprintf("%d addresses: a list that somebody works through, not who is behind", a.IPLeaksTotal)
	}
	var out []string
	for _, l := range a.IPLeaks {
		out = append(out, l.Address+" ("+l.Header+")")
	}
	if more := a.IPLeaksTotal - len(a.IPLeaks); more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}
