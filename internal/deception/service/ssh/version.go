package ssh

import (
	"fmt"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
)

// The revisions of Debian's package 1:9.2p1-2 that can be played. From the
// fourth on sntrup761x25519-sha512 has its second name; older than the third is
// no machine with its security updates.
const (
	oldestPatch = 3
	newestPatch = 10
)

// patch is the revision that goes with a point release of Debian 12.
func patch(p *persona.Persona) int {
	switch p.OS.Point {
	case "12.7", "12.8":
		return 3
	case "12.9":
		return 4
	case "12.10":
		return 5
	}
	return 6
}

func ident(patch int) string { return fmt.Sprintf("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u%d", patch) }

// sigAlgs is server-sig-algs of OpenSSH 9.2.
const sigAlgs = "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521," +
	"sk-ecdsa-sha2-nistp256@openssh.com,webauthn-sk-ecdsa-sha2-nistp256@openssh.com,ssh-dss,ssh-rsa,rsa-sha2-256,rsa-sha2-512"

// algorithms are the lists of a revision in sshd's order.
func algorithms(patch int) (l transport.Lists) {
	kex := "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org," +
		"ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256," +
		"diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,kex-strict-s-v00@openssh.com"
	if patch >= 4 {
		kex = "sntrup761x25519-sha512," + kex
	}
	const ciphers = "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com"
	const macs = "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com," +
		"hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"
	l[transport.ListKex] = kex
	l[transport.ListHostKey] = "rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,ssh-ed25519"
	l[transport.ListCipherIn], l[transport.ListCipherOut] = ciphers, ciphers
	l[transport.ListMACIn], l[transport.ListMACOut] = macs, macs
	l[transport.ListCompressionIn], l[transport.ListCompressionOut] = "none,zlib@openssh.com", "none,zlib@openssh.com"
	return l
}
