package ssh

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

// One works at a time, and then all rest for as long as he worked.
func TestTurnsLeaveHalfOfACore(t *testing.T) {
	c, all := clock.NewFake(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)), newTurns()
	for _, tt := range []struct{ work, rest time.Duration }{{time.Millisecond, time.Millisecond}, {80 * time.Millisecond, 80 * time.Millisecond}, {time.Hour, mostRest}} {
		done, err := all.take(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := all.take(ctx, c); !errors.Is(err, context.Canceled) {
			t.Errorf("who leaves while another works: %v", err)
		}
		c.Advance(tt.work)
		done()
		if _, err := all.take(ctx, c); !errors.Is(err, context.Canceled) {
			t.Errorf("who leaves while all rest: %v", err)
		}
		next := make(chan func())
		go func() {
			done, _ := all.take(context.Background(), c)
			next <- done
		}()
		waits(t, c, 1)
		c.Advance(tt.rest - 1)
		waits(t, c, 1)
		c.Advance(1)
		(<-next)()
	}
}

// waits waits until so many wait on the clock.
func waits(t *testing.T, c *clock.Fake, n int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); c.Waiting() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d wait, not %d", c.Waiting(), n)
		}
	}
}

// Exchanges of keys that cost much wait for their turn: those with large numbers, and
// those that a client repeats. Others do not.
func TestExpensiveExchangesOfKeysTakeTurns(t *testing.T) {
	s := sharedServer(t)
	d := servicetest.Listen(t, "ssh", s)
	dialled := func(config xssh.Config) chan error {
		ended := make(chan error, 1)
		go func() {
			c, err := xssh.Dial("tcp", d.Address, &xssh.ClientConfig{
				Config: config, User: "root", Auth: []xssh.AuthMethod{xssh.Password(secret)}, HostKeyCallback: xssh.InsecureIgnoreHostKey(), Timeout: time.Minute,
			})
			if err == nil {
				err = large(c)
			}
			ended <- err
		}()
		return ended
	}
	for name, config := range map[string]xssh.Config{
		"large numbers":  {KeyExchanges: []string{"diffie-hellman-group16-sha512"}},
		"a chosen group": {KeyExchanges: []string{"diffie-hellman-group-exchange-sha256"}},
		"repeated":       {RekeyThreshold: 64 << 10},
	} {
		done, err := s.shares.keys.take(t.Context(), s.clock)
		if err != nil {
			t.Fatal(err)
		}
		ended := dialled(config)
		for end := time.Now().Add(time.Minute); s.shares.keys.waiting.Load() == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: the exchange does not wait", name)
			}
		}
		if err := <-dialled(xssh.Config{KeyExchanges: []string{"curve25519-sha256"}}); err != nil {
			t.Errorf("another meanwhile: %v", err)
		}
		done()
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// large sends much and gets it back.
func large(c *xssh.Client) error {
	defer c.Close()
	s, err := c.NewSession()
	if err != nil {
		return err
	}
	s.Stdin = strings.NewReader(strings.Repeat("x", 200<<10))
	out, err := s.Output("cat")
	if err == nil && len(out) != 200<<10 {
		err = errors.New("something is missing")
	}
	return err
}
