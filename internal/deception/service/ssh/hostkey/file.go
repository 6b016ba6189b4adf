package hostkey

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"strings"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// comment is what ssh-keygen writes when the package is installed.
func comment(p *persona.Persona) string { return "root@" + p.Hostname }

// Public is the text of a .pub file.
func (k *Key) Public(p *persona.Persona) string {
	return k.name + " " + base64.StdEncoding.EncodeToString(k.Blob) + " " + comment(p) + "\n"
}

// File is the text of the private key's file without a passphrase, in OpenSSH's own
// form (PROTOCOL.key of its sources).
func (k *Key) File(p *persona.Persona) string {
	draw := p.Derive("ssh: check of the file of " + k.name)
	check := binary.BigEndian.Uint32(draw[:])
	own := wire.Packet(nil).Uint32(check).Uint32(check).Text(k.name).Raw(k.own).Text(comment(p))
	for pad := byte(1); len(own)%8 != 0; pad++ {
		own = own.Byte(pad)
	}
	whole := wire.Packet("openssh-key-v1\x00").Text("none").Text("none").Text("").Uint32(1).String(k.Blob).String(own)
	return armour(whole)
}

// armour wraps bytes as ssh-keygen does, in lines of 70 characters.
func armour(b []byte) string {
	const kind, width = "OPENSSH PRIVATE", 70
	var out strings.Builder
	out.WriteString("-----BEGIN " + kind + " KEY-----\n")
	for text := base64.StdEncoding.EncodeToString(b); text != ""; {
		n := min(width, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	out.WriteString("-----END " + kind + " KEY-----\n")
	return out.String()
}

// rsaOwn is what the file holds of an RSA key. Its exponent is the least one, as
// OpenSSL makes it.
func rsaOwn(key *rsa.PrivateKey) wire.Packet {
	one, p, q := big.NewInt(1), key.Primes[0], key.Primes[1]
	before, after := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	order := new(big.Int).Mul(before, after)
	order.Div(order, new(big.Int).GCD(nil, nil, before, after))
	e := big.NewInt(int64(key.E))
	d, inverse := new(big.Int).ModInverse(e, order), new(big.Int).ModInverse(q, p)
	var out wire.Packet
	for _, n := range []*big.Int{key.N, e, d, inverse, p, q} {
		out = out.Mpint(n.Bytes())
	}
	return out
}
