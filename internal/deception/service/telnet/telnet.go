package telnet

import (
	"context"
	"fmt"
	"net"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/passwords"
)

// Kind is Telnet on a decky whose clients find themselves on one of m's machines.
// If m is nil, nobody can log in.
func Kind(m door.Machines) service.Kind {
	return service.Kind{Name: "telnet", Port: 23, New: func(s service.Setup) (service.Service, error) { return newServer(s, m) }}
}

// server is the Telnet server of one decky.
type server struct {
	config   config
	persona  *persona.Persona
	clock    clock.Clock
	machines door.Machines
	memory   *door.Memory
	policy   *passwords.Policy
	hashTime time.Duration
}

func newServer(s service.Setup, m door.Machines) (*server, error) {
	c := defaults()
	if err := s.Config.Decode(&c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	memory := &door.Memory{}
	if m != nil {
		memory = m.Memory()
	}
	return &server{
		config: c, persona: s.Persona, clock: s.Clock, machines: m, memory: memory, policy: passwords.New(s.Persona, c.Accept, &memory.Passwords),
		hashTime: time.Duration(18+s.Persona.Rand("ssh: time of a hash").IntN(30)) * time.Millisecond, // of the machine, at all its doors
	}, nil
}

// Serve implements service.Service.
func (s *server) Serve(ctx context.Context, conn net.Conn, session *service.Session) {
	v := newVisit(s, conn, session)
	v.introduce(v.negotiate())
	if !v.link.terminal || v.link.over {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	end := func() {
		_ = v.input.Close()                  // whoever still gives it keys is to stop
		_ = conn.SetReadDeadline(time.Now()) // telnetd ends with login
	}
	var login service.Crew
	login.Go(end, func() { v.login(ctx); end() })
	v.receive()
	cancel()
	_ = v.feed.Close()
	login.Wait()
}

// introduce records what the client said of itself, or that it did not speak the
// protocol.
func (v *visit) introduce(err error) {
	l := v.link
	if l.terminal {
		v.session.Record(service.ClientHello, nil,
			field("terminal", l.term), field("size", fmt.Sprintf("%dx%d", l.columns, l.rows)), field("speed", l.speed),
			field("display", l.display), field("environment", fmt.Sprintf("%q", l.environment)))
		return
	}
	if len(l.early) > 0 {
		v.session.Record(service.ProtocolError, l.early, field("error", fmt.Sprintf("options were not settled: %v", err)))
	}
}

func field(name, value string) service.Field { return service.Field{Name: name, Value: value} }
