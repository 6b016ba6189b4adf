// Package transport is the lowest layer of an SSH server (RFC 4253) as OpenSSH
// 9.2 speaks it: the identification strings, the binary packets with all its
// ciphers, MACs and compression, the exchange of keys and its repetition, the
// strict exchange that answers Terrapin. What a client does wrong is answered
// as sshd answers it: with its text, or by silence.
//
// To add a cipher or a MAC: a line in ciphers or macs, and its name in the
// lists of the service.
//
// Level 2: it may import its siblings wire, kex, hostkey and umac,
// golang.org/x/crypto's ciphers and the standard library.
package transport

// Numbers of messages (RFC 4250, section 4.1.2).
const (
	MsgDisconnect     = 1
	MsgIgnore         = 2
	MsgUnimplemented  = 3
	MsgDebug          = 4
	MsgServiceRequest = 5
	MsgServiceAccept  = 6
	MsgExtInfo        = 7
	MsgKexInit        = 20
	MsgNewKeys        = 21
)
