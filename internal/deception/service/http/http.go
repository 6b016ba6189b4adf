// Package http is a decky's web server: nginx 1.22.1 as Debian 12 ships it.
// Requests are read and answered by code of its own, byte for byte as nginx
// does, its errors, its limits and the moments at which it hangs up included: a
// server of Go would be told from it by its first answer.
//
// To add a file to the site: a line in welcome. To add a request that must be
// answered as nginx does: a line in transcript of the tests, which is also
// played to the real server.
//
// Level 2: it may import what package service may, and that.
package http

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Config is what an operator may set.
type Config struct {
	Basic string `yaml:"basic"` // realm of a password that paths beginning with /admin ask for; empty: nothing asks for one
}

// Kind is the service's entry in the list of kinds.
func Kind() service.Kind { return service.Kind{Name: "http", Port: 80, New: New} }

// New makes the web server of a decky.
func New(setup service.Setup) (service.Service, error) {
	var c Config
	if err := setup.Config.Decode(&c); err != nil {
		return nil, err
	}
	if strings.ContainsFunc(c.Basic, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '"' || r == '\\' }) {
		return nil, fmt.Errorf("config: basic is %q, want a text without quotes, backslashes and control characters", c.Basic)
	}
	pages, err := unpacked()
	if err != nil {
		return nil, err
	}
	s := &server{setup: setup, config: c, site: welcome(setup.Persona), packed: pages}
	s.boundary.Store(setup.Persona.Rand("http: boundary").Uint64N(400))
	return s, nil
}

// server implements service.Service.
type server struct {
	setup    service.Setup
	config   Config
	site     site
	packed   map[string][]byte // compressed pages by their content
	boundary atomic.Uint64     // of the last answer in parts; nginx counts them
}

func (s *server) now() time.Time { return s.setup.Clock.Now() }

// Serve implements service.Service.
func (s *server) Serve(ctx context.Context, conn net.Conn, session *service.Session) {
	c := newClient(s, conn, session)
	for ctx.Err() == nil && c.one() {
	}
}
