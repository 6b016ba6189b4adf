package ssh

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	xssh "golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

const maxKeysFile = 256 << 10 // bytes of an authorized_keys that are looked at

// offer is a key that a client offers, perhaps with proof that it has it.
type offer struct {
	algorithm string
	blob      []byte
	signed    bool
	signature []byte
}

func (l *login) publicKey(r *wire.Reader, packet []byte, hostbound bool) (attempt, error) {
	o := offer{signed: r.Bool(), algorithm: r.CString(), blob: r.String()}
	var hostKey []byte
	if hostbound {
		hostKey = r.String()
	}
	covered := len(packet) - len(r.Rest())
	if o.signed {
		o.signature = r.String()
	}
	if !r.End() || hostbound && !l.isHostKey(hostKey) {
		return failed, transport.ErrMalformed
	}
	known := l.usable(o) && l.authorized(o.blob)
	ok := known && o.signed && l.verified(o, packet[:covered])
	l.recordKey(o, ok)
	switch {
	case ok:
		return accepted, nil
	case known && !o.signed:
		return postponed, l.conn.Write(wire.Message(msgUserauthPKOK).Text(o.algorithm).String(o.blob))
	}
	return failed, nil
}

func (l *login) isHostKey(blob []byte) bool {
	key, err := l.keys.For(l.conn.HostKeyAlgorithm())
	return err == nil && bytes.Equal(key.Blob, blob)
}

// usable reports whether sshd would look at a key: its algorithm is one that is
// accepted, and a signature of it has not failed before.
func (l *login) usable(o offer) bool {
	key := sha256.Sum256(o.blob)
	if slices.Contains(l.usedKeys, key) || !slices.Contains(strings.Split(sigAlgs, ","), o.algorithm) {
		return false
	}
	if o.signed {
		l.usedKeys = append(l.usedKeys, key)
	}
	return o.algorithm != "ssh-dss" && o.algorithm != "ssh-rsa"
}

func (l *login) recordKey(o offer, ok bool) {
	sum := sha256.Sum256(o.blob)
	kind, _, _ := bytes.Cut(wire.Read(o.blob).String(), nil)
	l.session.Attempt(service.Credential{
		Kind: service.PublicKey, Principal: l.user, Accepted: ok,
		Secret: []byte("SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])),
		Details: []service.Field{
			{Name: "method", Value: "publickey"}, {Name: "algorithm", Value: o.algorithm}, {Name: "type", Value: string(kind)},
			{Name: "key", Value: base64.StdEncoding.EncodeToString(o.blob)}, {Name: "proven", Value: fmt.Sprint(o.signed)},
		},
	})
}

// authorized reports whether the user's authorized_keys has the key. There it is
// once an attacker has put it there: he comes back with it.
func (l *login) authorized(blob []byte) bool {
	if !l.enter() {
		return false
	}
	files, err := l.machine.View(l.user)
	if err != nil {
		return false
	}
	const name = ".ssh/authorized_keys"
	text, err := files.ReadFirst(name, maxKeysFile)
	if err != nil {
		return false
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		key, _, _, _, err := xssh.ParseAuthorizedKey(line)
		if err == nil && bytes.Equal(key.Marshal(), blob) {
			l.keyLine = fmt.Sprintf("%s/%s:%d", files.Dir(), name, n)
			return true
		}
	}
	return false
}

// verified checks the signature of a request up to it, behind the session's id.
func (l *login) verified(o offer, request []byte) bool {
	key, err := xssh.ParsePublicKey(o.blob)
	if err != nil {
		return false
	}
	signature := new(xssh.Signature)
	if xssh.Unmarshal(o.signature, signature) != nil || signature.Format != o.algorithm {
		return false
	}
	return key.Verify(wire.Packet(nil).String(l.conn.SessionID()).Raw(request), signature) == nil
}
