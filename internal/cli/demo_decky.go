package cli

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// demoKey is the AWS key of the story, put together so that this source file
// holds none.
func demoKey() string { return "AKIA" + "CORDONDEMO234567" } // cordon:allow

// deckyScene has an intruder who read the log try the key on a decky.
func (c *demoCmd) deckyScene(ctx context.Context, s *session, cl *client.Client) error {
	d, at, err := demoDecky(ctx, cl)
	if err != nil || at == "" {
		return err // a server without deckies has no such scene
	}
	fmt.Fprintf(sentences(s.Stdout), "\nDeckies are hosts that nobody has a reason to touch. %s listens at %s (redis).\n", d.Name, at)
	fmt.Fprintln(sentences(s.Stdout), "-> somebody who read the log looks around there")
	began := time.Now()
	if err := intrude(ctx, s, at); err != nil {
		return fmt.Errorf("talking with decky %s: %w", d.Name, err)
	}
	return captured(ctx, s, cl, d.Name, began)
}

// demoDecky finds one that speaks Redis, and where.
func demoDecky(ctx context.Context, cl *client.Client) (d api.Decky, at string, err error) {
	page, err := cl.Deckies(ctx, client.DeckyQuery{State: "running"})
	if err != nil {
		return d, "", err
	}
	for _, d := range page.Items {
		for _, v := range d.Services {
			if v.Kind == "redis" && v.Listening {
				return d, net.JoinHostPort(d.Address, strconv.Itoa(int(v.Port))), nil
			}
		}
	}
	return d, "", nil
}

// intrude says what intruders say to a Redis, the key of the story as password.
func intrude(ctx context.Context, s *session, at string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	answers := bufio.NewReader(conn)
	for _, line := range []struct{ said, shown string }{{"PING", "PING"}, {"DBSIZE", "DBSIZE"}, {"AUTH " + demoKey(), "AUTH (the key from the log)"}} {
		if _, err := fmt.Fprintf(conn, "%s\r\n", line.said); err != nil {
			return err
		}
		answer, err := answers.ReadString('\n')
		if err != nil {
			return err
		}
		fmt.Fprintf(sentences(s.Stdout), "   > %s\n   %s\n", line.shown, oneLine(strings.TrimSpace(answer)))
	}
	return nil
}

// captured shows what became of it: the key is recognised, whoever tries it.
func captured(ctx context.Context, s *session, cl *client.Client, decky string, began time.Time) error {
	for until := time.Now().Add(joinTime); time.Now().Before(until); {
		page, err := cl.Credentials(ctx, client.EvidenceQuery{Decky: decky, Limit: 10})
		if err != nil {
			return err
		}
		for _, k := range page.Items {
			if k.LastSeen.Before(began.Add(-time.Second)) {
				continue
			}
			known := "nobody's that Cordon knows"
			if k.Leaked {
				known = "LEAKED: it is the key from the log"
			}
			fmt.Fprintf(sentences(s.Stdout), "   CAPTURED from %s: a password as %q; %s: cordon session show %s\n", k.AttackerIP, k.Principal, known, k.Session)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for a credential: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}
