// Package kex does the server's part of SSH key exchanges: every method that
// OpenSSH 9.2 offers by default (RFC 4253 and 8268 for fixed groups, RFC 4419
// for chosen ones, RFC 5656 and 8731 for curves, and the hybrid with sntrup761
// of draft-ietf-sshm-ntruprime-ssh).
//
// To add a method: a line in methods and a function of its shape.
//
// Level 2: it may import its siblings wire and sntrup and the standard library.
package kex

import (
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"

	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// Messages carries the messages of an exchange.
type Messages interface {
	// Receive returns the next message if it has the wanted number.
	Receive(number byte) ([]byte, error)
	Send(message []byte) error
}

// Signer is a host key.
type Signer interface {
	Sign(data []byte) ([]byte, error)
}

// Input is what both sides said before.
type Input struct {
	ClientIdent, ServerIdent string // without line ends
	ClientInit, ServerInit   []byte // the KEXINIT messages with their number
	HostKey                  []byte // public blob
	Signer                   Signer
	Need                     int // bytes of the longest key that will be derived
	Choose                   func(n int) int
}

// Result is what an exchange gives.
type Result struct {
	Hash   []byte // H; that of the first exchange is the session's id
	Secret []byte // K as it enters hashes, length included
	New    func() hash.Hash
}

// ErrMalformed says that what the client sent is not what its method has it
// send, or that its number makes the secret no secret.
var ErrMalformed = errors.New("malformed key exchange")

type method struct {
	run func(m Messages, in *Input, new func() hash.Hash) (*Result, error)
	new func() hash.Hash
}

func methods() map[string]method {
	return map[string]method{
		"sntrup761x25519-sha512":               {hybrid, sha512.New},
		"sntrup761x25519-sha512@openssh.com":   {hybrid, sha512.New},
		"curve25519-sha256":                    {x25519, sha256.New},
		"curve25519-sha256@libssh.org":         {x25519, sha256.New},
		"ecdh-sha2-nistp256":                   {p256, sha256.New},
		"ecdh-sha2-nistp384":                   {p384, sha512.New384},
		"ecdh-sha2-nistp521":                   {p521, sha512.New},
		"diffie-hellman-group-exchange-sha256": {chosenGroup, sha256.New},
		"diffie-hellman-group14-sha256":        {group(2048), sha256.New},
		"diffie-hellman-group16-sha512":        {group(4096), sha512.New},
		"diffie-hellman-group18-sha512":        {group(8192), sha512.New},
	}
}

// Run does an exchange by its method's name.
func Run(name string, m Messages, in *Input) (*Result, error) {
	found, ok := methods()[name]
	if !ok {
		return nil, fmt.Errorf("key exchange %q is none", name)
	}
	return found.run(m, in, found.new)
}

// finish hashes what was said, signs it and sends the reply: number, host key,
// our value, signature. exchanged is what stands between the host key and the
// secret in the hash.
func finish(m Messages, in *Input, new func() hash.Hash, number byte, ours wire.Packet, exchanged, secret []byte) (*Result, error) {
	h := new()
	h.Write(wire.Packet(nil).Text(in.ClientIdent).Text(in.ServerIdent).String(in.ClientInit).String(in.ServerInit).String(in.HostKey))
	h.Write(exchanged)
	h.Write(secret)
	sum := h.Sum(nil)
	signature, err := in.Signer.Sign(sum)
	if err != nil {
		return nil, err
	}
	if err := m.Send(wire.Message(number).String(in.HostKey).Raw(ours).String(signature)); err != nil {
		return nil, err
	}
	return &Result{Hash: sum, Secret: secret, New: new}, nil
}

// Derive returns n bytes of key material for a use, 'A' to 'F' (RFC 4253,
// section 7.2).
func (r *Result) Derive(use byte, session []byte, n int) []byte {
	sum := func(parts ...[]byte) []byte {
		h := r.New()
		h.Write(r.Secret)
		h.Write(r.Hash)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	out := sum([]byte{use}, session)
	for len(out) < n {
		out = append(out, sum(out)...)
	}
	return out[:n]
}
