package httpx

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certLook is how often at most the certificate's files are looked at.
const certLook = time.Second

// Certificate is a TLS certificate in two PEM files. When they change, it is
// read again; when what is there then is no good, the old one stays in use.
type Certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	stamp  [2]fileStamp
	looked time.Time
}

// fileStamp changes when a file does.
type fileStamp struct {
	at   time.Time
	size int64
}

// LoadCertificate reads the files for the first time; log may be nil.
func LoadCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Certificate{cert: cert, key: key, log: log}
	stamp, err := c.stat()
	if err != nil {
		return nil, fmt.Errorf("loading TLS certificate: %w", err)
	}
	return c, c.load(stamp)
}

// Config is for a listener: TLS 1.2 or newer with the suites that Go chooses.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: c.get}
}

func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= certLook {
		c.looked = now
		c.renew()
	}
	return c.loaded, nil
}

// renew reads the files again when they have changed.
func (c *Certificate) renew() {
	stamp, err := c.stat()
	if err == nil && stamp == c.stamp {
		return
	}
	if err == nil {
		err = c.load(stamp)
	}
	if err != nil {
		c.log.Error("the TLS certificate changed and cannot be used; the old one stays", "error", err)
		c.stamp = stamp // said once
		return
	}
	c.log.Info("TLS certificate read again", "file", c.cert)
}

func (c *Certificate) load(stamp [2]fileStamp) error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("loading TLS certificate %s with key %s: %w", c.cert, c.key, err)
	}
	c.loaded, c.stamp = &pair, stamp
	return nil
}

func (c *Certificate) stat() (stamp [2]fileStamp, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return stamp, err
		}
		stamp[i] = fileStamp{info.ModTime(), info.Size()}
	}
	return stamp, nil
}
