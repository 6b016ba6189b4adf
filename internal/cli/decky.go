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

type deckyCmd struct {
	List   deckyListCmd   `cmd:"" help:"List deckies, oldest first."`
	Show   deckyShowCmd   `cmd:"" help:"Show one decky with its services."`
	Add    deckyAddCmd    `cmd:"" help:"Open a decky on the node that answers."`
	Remove deckyRemoveCmd `cmd:"" help:"Remove a decky that somebody added."`

	Mutate deckyMutateCmd `cmd:"" help:"Make a decky, or all, another host of its kind."`
}

type deckyListCmd struct {
	Node  string `help:"Only of this node."`
	State string `enum:",running,degraded,failed,stopped" default:"" help:"Only in this state: running, degraded, failed or stopped."`
	Limit int    `default:"200" help:"At most this many."`
}

func (c *deckyListCmd) Run(ctx context.Context, s *session) error {
	q := client.DeckyQuery{Node: c.Node, State: c.State}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Decky, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.Deckies(ctx, q)
		return p.Items, p.NextCursor, err
	}, deckyTable)
}

func deckyTable(w io.Writer, items []api.Decky) error {
	header := []string{"NAME", "NODE", "STATE", "ARCHETYPE", "HOSTNAME", "ADDRESS", "SERVICES", "SESSIONS", "DETAIL"}
	return tableOf(w, "no deckies; cordon decky add NAME opens one", header, items, func(d api.Decky) []string {
		return []string{d.Name, d.Node, d.State, d.Archetype, d.Hostname, d.Address, deckyServices(d), strconv.FormatUint(deckySessions(d), 10), d.Detail}
	})
}

func deckyServices(d api.Decky) string {
	out := make([]string, len(d.Services))
	for i, v := range d.Services {
		out[i] = v.Kind + ":" + strconv.Itoa(int(v.Port))
	}
	return strings.Join(out, " ")
}

func deckySessions(d api.Decky) (n uint64) {
	for _, v := range d.Services {
		n += v.Sessions
	}
	return n
}

// deckyArg names a decky.
type deckyArg struct {
	Name string `arg:"" help:"The decky's name."`
	Node string `help:"Its node. Default: the one that answers."`
}

type deckyShowCmd struct{ deckyArg }

func (c *deckyShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		d, err := cl.Decky(ctx, c.Node, c.Name)
		if err != nil {
			return err
		}
		return emit(s, d, func(w io.Writer) error { return showDecky(sentences(w), d) })
	})
}

func showDecky(w io.Writer, d api.Decky) error {
	from := "the configuration"
	if !d.Configured {
		from = "added by " + d.AddedBy
	}
	for _, f := range [][2]string{
		{"name", d.Name}, {"node", d.Node}, {"state", d.State}, {"detail", d.Detail}, {"since", d.Since.Local().Format(time.DateTime)},
		{"archetype", d.Archetype}, {"host name", d.Hostname}, {"claims to be", d.Distro}, {"address", d.Address}, {"from", from},
		{"mutated", deckyMutated(d)},
	} {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-12s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	rows := make([][]string, len(d.Services))
	for i, v := range d.Services {
		open := "open"
		if !v.Listening {
			open = oneLine(v.Detail)
		}
		rows[i] = []string{v.Kind, strconv.Itoa(int(v.Port)), open, strconv.Itoa(v.Clients), strconv.FormatUint(v.Sessions, 10), strconv.FormatUint(v.Refused, 10)}
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return table(w, []string{"SERVICE", "PORT", "STATE", "CLIENTS", "SESSIONS", "REFUSED"}, rows)
}

type deckyAddCmd struct {
	Name      string   `arg:"" help:"Letters, digits, - and _. All that is invented for the decky follows from it."`
	Archetype string   `default:"linux-server" help:"What it plays: database-server, linux-server or web-server."`
	Address   string   `default:"127.0.0.1" help:"IP address of the node, where it listens."`
	Hostname  string   `help:"What it calls itself. Default: invented."`
	Domain    string   `help:"Behind the host name."`
	Service   []string `required:"" placeholder:"KIND[:PORT]" help:"What it speaks, such as ssh:2222; may repeat."`
	Rotate    []string `placeholder:"KIND[:PORT]" help:"What it speaks besides in about half of its generations; may repeat."`

	MutateInterval time.Duration `help:"How often it becomes another host of its kind by itself, about, such as 7d; at least 10m. Default: as the node's configuration says."`
	reasonFlag
}

func (c *deckyAddCmd) Run(ctx context.Context, s *session) error {
	d := api.NewDecky{Name: c.Name, Archetype: c.Archetype, Address: c.Address, Hostname: c.Hostname, Domain: c.Domain, Reason: c.Reason, Every: int64(c.MutateInterval / time.Second)}
	for to, texts := range map[*[]api.NewDeckyService][]string{&d.Services: c.Service, &d.Rotate: c.Rotate} {
		for _, text := range texts {
			v, err := serviceOf(text)
			if err != nil {
				return err
			}
			*to = append(*to, v)
		}
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		now, err := cl.AddDecky(ctx, d)
		if err != nil {
			return err
		}
		return emit(s, now, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "added %s to %s; cordon decky show %s says how it fares\n", now.Name, now.Node, now.Name)
			return err
		})
	})
}

// serviceOf reads KIND or KIND:PORT.
func serviceOf(text string) (api.NewDeckyService, error) {
	kind, port, given := strings.Cut(text, ":")
	if !given {
		return api.NewDeckyService{Kind: kind}, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return api.NewDeckyService{}, usageError("--service %q: write KIND:PORT, the port from 1 to 65535", text)
	}
	return api.NewDeckyService{Kind: kind, Port: uint16(n)}, nil
}

type deckyRemoveCmd struct {
	deckyArg
	reasonFlag
}

func (c *deckyRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if err := cl.RemoveDecky(ctx, c.Node, c.Name, c.Reason); err != nil {
			return err
		}
		return s.gone("removed", c.Name)
	})
}
