package model

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
)

// public says whether the value is, in base64 or hexadecimal, the beginning of
// what is meant to be read by everyone: a public key (RFC 5280, 4.1.2.7), a
// certificate (4.1), or the public key of SSH (RFC 4253, 6.6).
func public(value []byte) bool {
	var buf [32]byte
	head := firstOf(buf[:], value)
	return sshKey(head) || subjectKey(head) || certificate(head)
}

// firstOf decodes as much of value as fits into buf.
func firstOf(buf, value []byte) []byte {
	if n, err := hex.Decode(buf, value[:min(len(value), 2*len(buf))&^1]); err == nil {
		return buf[:n]
	}
	n, err := base64.StdEncoding.Decode(buf, value[:min(len(value), len(buf))&^3])
	if err != nil {
		return nil
	}
	return buf[:n]
}

// sshKey knows the name of an algorithm that stands behind its length.
func sshKey(b []byte) bool {
	if len(b) < 11 || b[0] != 0 || b[1] != 0 || b[2] != 0 || b[3] > 40 {
		return false
	}
	for _, name := range []string{"ssh-", "ecdsa-", "sk-ssh-", "sk-ecd"} {
		if bytes.HasPrefix(b[4:], []byte(name)) {
			return true
		}
	}
	return false
}

// Tags of X.690 that the structures begin with.
const (
	derSequence = 0x30
	derObject   = 0x06
	derVersion  = 0xa0
)

// subjectKey is a sequence that begins with one that begins with an identifier;
// a private key has a number there.
func subjectKey(b []byte) bool {
	inner := inSequence(inSequence(b))
	return len(inner) > 0 && inner[0] == derObject
}

// certificate has a sequence in a sequence that begins with its version.
func certificate(b []byte) bool {
	inner := inSequence(inSequence(b))
	return len(inner) > 2 && inner[0] == derVersion && inner[1] == 3 && inner[2] == 2
}

// inSequence is what stands in the sequence that b begins with, or nil.
func inSequence(b []byte) []byte {
	if len(b) < 3 || b[0] != derSequence {
		return nil
	}
	head := 2
	if b[1] > 0x80 {
		head += int(b[1] - 0x80)
	}
	if head > 6 || head >= len(b) {
		return nil
	}
	return b[head:]
}

// algorithm says whether the value names one, as mlkem768x25519-sha256 does.
func algorithm(value []byte) bool {
	for _, name := range []string{"sha1", "sha2-", "sha-", "sha256", "sha512", "x25519", "hmac", "ecdsa", "ed25519", "aes128", "aes256", "curve25519", "poly1305"} {
		if i := indexFold(value, name); i >= 0 && (i == 0 || bytes.ContainsAny(value, "-_@")) {
			return !bytes.HasPrefix(value[i+len(name):], []byte("~")) // tokens of OpenShift
		}
	}
	return false
}
