package deception

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// clinger does not let its client go before it may, as one that waits for a store
// that is away.
type clinger struct{ may chan struct{} }

func (c clinger) Serve(_ context.Context, conn net.Conn, _ *service.Session) {
	_, _ = conn.Write([]byte("hello\n"))
	<-c.may
}

// A client that cannot be parted with yet holds up the decky that goes, not the one
// who changes the configuration.
func TestAClientThatStaysHoldsUpNoConfiguration(t *testing.T) {
	r, m, may := newRig(t, Limits{}), &memory{}, make(chan struct{})
	r.deps.Kinds = append(r.deps.Kinds, service.Kind{Name: "clinger", New: func(service.Setup) (service.Service, error) { return clinger{may}, nil }})
	sticky := spec("a")
	sticky.Services = []ServiceSpec{{Kind: "clinger"}}
	k := keeper(t, r, m, sticky)
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(r.Deckies()[0].Services[0].Port))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}

	if err := k.Configure([]Spec{spec("b", 0)}, 0); err != nil {
		t.Fatal(err)
	}
	turned := make(chan error, 1)
	go func() { turned <- k.turn(t.Context()) }()
	for _, err := conn.Read(make([]byte, 1)); err == nil; _, err = conn.Read(make([]byte, 1)) {
		continue
	} // the decky is ending now, and waits for its client
	configured := make(chan error, 1)
	go func() { configured <- k.Configure([]Spec{spec("c", 0)}, 0) }()
	select {
	case err = <-configured:
	case <-time.After(2 * time.Minute): // a hung one would hang the test
		err = errors.New("the configuration waits for the client")
	}
	close(may)
	if err != nil {
		t.Error(err)
	}
	if err := <-turned; err != nil {
		t.Error(err)
	}
}
