package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// demoRule is what the demo's rule is for, until the demo takes it away.
const demoRule = "cordon demo: an origin of its own, for a moment"

// egressScene sends requests through the gateway: one to a host that nobody
// allowed, one to an allowed host, and one with a secret in it.
func (c *demoCmd) egressScene(ctx context.Context, s *session, cl *client.Client) error {
	st, err := cl.Egress(ctx)
	switch {
	case notFound(err), err == nil && st.Listen == "":
		return nil // a server without a gateway has no such scene
	case err != nil:
		return err
	}
	fmt.Fprintf(sentences(s.Stdout), "\nWhat leaves goes through the gateway at %s.\n", st.Listen)
	p := demoProgram{s: s, http: &http.Client{Timeout: c.Timeout, Transport: &http.Transport{
		Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: st.Listen}), DisableKeepAlives: true,
	}}}
	if err := p.says(ctx, "a program sends a report to a host that nobody allowed", "http://paste.example/new", `{"status":"ok"}`); err != nil {
		return err
	}
	if err := p.firstSeen(ctx, cl, "paste.example"); err != nil {
		return err
	}
	if st.KillSwitch.Active {
		fmt.Fprintln(sentences(s.Stdout), "   (the kill switch is on; there is no more to show)")
		return nil
	}
	return p.withOrigin(ctx, cl, st)
}

// firstSeen shows that a host that was asked for the first time waits for a
// person.
func (p demoProgram) firstSeen(ctx context.Context, cl *client.Client, host string) error {
	for {
		page, err := cl.EgressEndpoints(ctx, client.EndpointQuery{Limit: 1, Host: host})
		if err != nil {
			return err
		}
		if len(page.Items) == 0 {
			select {
			case <-ctx.Done():
				return fmt.Errorf("waiting for %s to be known: %w", host, ctx.Err())
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		if e := page.Items[0]; e.Verdict == nil {
			fmt.Fprintf(sentences(p.s.Stdout), "   FIRST SEEN: it waits for review (%d in all): cordon egress review %s --deny --reason \"not ours\"\n", page.Waiting, target(e.Host, e.Port))
		}
		return nil
	}
}

// demoProgram is the program of the story.
type demoProgram struct {
	s    *session
	http *http.Client
}

// withOrigin allows an origin of the demo's own and talks to it.
func (p demoProgram) withOrigin(ctx context.Context, cl *client.Client, st api.EgressStatus) (err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("opening the demo's origin: %w", err)
	}
	origin := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "thank you")
	})}
	served := make(chan error, 1)
	go func() { served <- origin.Serve(l) }()
	defer func() { _ = origin.Close(); <-served }()

	if st.Version == 0 {
		if err := demoPolicy(ctx, p.s, cl); err != nil {
			return err
		}
	}
	target := l.Addr().String()
	fmt.Fprintf(sentences(p.s.Stdout), "-> an operator allows one: cordon egress add %s \"%s\"\n", target, demoRule)
	added, err := cl.EgressEdit(ctx, api.EgressEditRequest{Action: "add", Target: target, Description: demoRule, Reason: demoRule})
	if err != nil {
		return err
	}
	fmt.Fprintf(sentences(p.s.Stdout), "   version %d of the policy is in force\n", added.Version)
	defer func() {
		_, gone := cl.EgressEdit(context.WithoutCancel(ctx), api.EgressEditRequest{Action: "remove", Target: target, Reason: "the demo is over"})
		if err == nil {
			err = gone
		}
	}()
	return p.talk(ctx, cl, "http://"+target+"/report")
}

// demoPolicy gives a server without a policy that of `cordon egress init`.
func demoPolicy(ctx context.Context, s *session, cl *client.Client) error {
	fmt.Fprintln(sentences(s.Stdout), "-> there is no policy yet; this is what `cordon egress init` writes: strict, without a rule")
	_, err := cl.EgressPut(ctx, api.EgressPolicyRequest{Document: string(policy.Starter()), Reason: "cordon demo: a policy to begin with"}, "")
	return err
}

func (p demoProgram) talk(ctx context.Context, cl *client.Client, origin string) error {
	began := time.Now()
	if err := p.says(ctx, "the program sends its report there", origin, `{"status":"ok"}`); err != nil {
		return err
	}
	err := p.says(ctx, "and now with the environment it ran in, an AWS key among it", origin, `{"status":"ok","env":{"AWS_ACCESS_KEY_ID":"`+demoKey()+`"}}`)
	if err != nil {
		return err
	}
	return p.joined(ctx, cl, began)
}

// joinTime is how long the demo waits for an incident to be told of.
const joinTime = 5 * time.Second

// joined shows the incident of the key that was in a log before a program sent it.
func (p demoProgram) joined(ctx context.Context, cl *client.Client, began time.Time) error {
	for until := time.Now().Add(joinTime); time.Now().Before(until); {
		page, err := cl.Incidents(ctx, client.IncidentQuery{Limit: 10, States: []string{"triggered", "acknowledged"}, Severities: []string{"critical"}})
		if err != nil {
			return err
		}
		for _, i := range page.Items {
			if i.Join != "" && i.SeenAt.After(began) {
				fmt.Fprintf(sentences(p.s.Stdout), "   ONE INCIDENT: %s, %s, seen by %s: cordon incident show %s\n", i.Severity, oneLine(i.Title), listed(i.Sensors), i.ID)
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for an incident: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// listed joins words as people do: a, b and c.
func listed(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// says sends a request and tells what came of it.
func (p demoProgram) says(ctx context.Context, story, to, body string) error {
	fmt.Fprintf(sentences(p.s.Stdout), "-> %s\n", story)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	got, err := p.http.Do(r)
	if err != nil {
		return fmt.Errorf("sending a request through the gateway: %w", err)
	}
	defer func() { _ = got.Body.Close() }()
	if got.StatusCode != http.StatusForbidden {
		fmt.Fprintf(sentences(p.s.Stdout), "   LET OUT to %s (%s)\n", r.URL.Host, got.Status)
		return nil
	}
	var refusal struct {
		Detail string `json:"detail"`
		Allow  string `json:"allow_command"`
	}
	if err := json.NewDecoder(io.LimitReader(got.Body, 1<<20)).Decode(&refusal); err != nil {
		return fmt.Errorf("the gateway answered %s: %w", got.Status, err)
	}
	fmt.Fprintf(sentences(p.s.Stdout), "   KEPT IN: %s\n", oneLine(refusal.Detail))
	if refusal.Allow != "" {
		fmt.Fprintf(sentences(p.s.Stdout), "   what would allow it: %s\n", oneLine(refusal.Allow))
	}
	return nil
}
