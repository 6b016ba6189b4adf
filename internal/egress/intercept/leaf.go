package intercept

import (
	"container/list"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"net/netip"
	"sync"
	"time"
)

// mostLeaves is how many certificates of hosts are kept: some 3 KB each.
const mostLeaves = 2_000

// sign makes a key and a certificate for one host. Its common name says who made it;
// the host stands where programs look for it, in the alternative names.
func (p *pair) sign(host string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	until := now.Add(leafLife - leeway)
	if until.After(p.cert.NotAfter) {
		until = p.cert.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{Organization: []string{"Cordon"}, CommonName: "looked into by the Cordon egress gateway"},
		NotBefore: now.Add(-leeway), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	if a, err := netip.ParseAddr(host); err == nil {
		template.IPAddresses = []net.IP{a.WithZone("").AsSlice()}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, p.cert, key.Public(), p.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, p.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// leaves keeps what was made, and forgets what was not asked for the longest time.
type leaves struct {
	most int

	mu     sync.Mutex
	byHost map[string]*list.Element // of *entry
	recent *list.List               // the last asked for in front
}

// entry is one host's certificate. Its once makes those wait who ask while it is
// made.
type entry struct {
	host string
	born time.Time
	once sync.Once
	cert *tls.Certificate
	err  error
}

func newLeaves(most int) *leaves {
	return &leaves{most: most, byHost: map[string]*list.Element{}, recent: list.New()}
}

// get returns the host's certificate, made by make if there is no fresh one.
func (l *leaves) get(host string, now time.Time, make func() (*tls.Certificate, error)) (*tls.Certificate, error) {
	e := l.entry(host, now)
	e.once.Do(func() { e.cert, e.err = make() })
	if e.err != nil {
		l.forget(e)
	}
	return e.cert, e.err
}

// entry finds the host's, or a new one when there is none or when half of its life is
// over: clocks differ, and connections last.
func (l *leaves) entry(host string, now time.Time) *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.byHost[host]; at != nil {
		e := at.Value.(*entry)
		if age := now.Sub(e.born); age >= 0 && age < leafLife/2 {
			l.recent.MoveToFront(at)
			return e
		}
		l.drop(at)
	}
	e := &entry{host: host, born: now}
	l.byHost[host] = l.recent.PushFront(e)
	if l.recent.Len() > l.most {
		l.drop(l.recent.Back())
	}
	return e
}

// forget takes an entry out that came to nothing.
func (l *leaves) forget(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.byHost[e.host]; at != nil && at.Value == e {
		l.drop(at)
	}
}

func (l *leaves) drop(at *list.Element) {
	delete(l.byHost, l.recent.Remove(at).(*entry).host)
}
