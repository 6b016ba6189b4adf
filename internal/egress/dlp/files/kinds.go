package files

import "bytes"

// Kind is a kind of content that is kept to oneself.
type Kind struct {
	Name string   // for people
	As   []string // the extensions and names that such files have
}

// mark is what a kind of content holds.
type mark struct {
	magic string
	is    func(text []byte, at int) bool // looks closer, at the magic; nil: the magic is enough
	kind  Kind
}

// marks are the kinds: magic numbers as the programs document them that write such
// files (KeePass 2.x, the JDK's KeyStore, OpenSSH's PROTOCOL.key, RFC 7292 for
// PKCS #12, kubectl's config).
func marks() []mark {
	keys := []string{".key", ".pem", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"}
	store := Kind{"PKCS #12 key store", []string{".p12", ".pfx"}}
	java := Kind{"Java key store", []string{".jks", ".keystore"}}
	kube := Kind{"kubeconfig with credentials", []string{"kubeconfig", ".kubeconfig"}}
	return []mark{
		{"\x03\xd9\xa2\x9a\x67\xfb\x4b", nil, Kind{"KeePass database", []string{".kdbx", ".kdb"}}},
		{"\xfe\xed\xfe\xed\x00\x00\x00", nil, java},
		{"\xce\xce\xce\xce\x00\x00\x00", nil, java},
		{"\x02\x01\x03\x30", isPKCS12, store},
		{"openssh-key-v1\x00", nil, Kind{"OpenSSH private key", keys}},
		{"PRIVATE KEY-----", isKey, Kind{"private key", keys}},
		{"PuTTY-User-Key-File-", nil, Kind{"PuTTY private key", append([]string{".ppk"}, keys...)}},
		{"client-key-data", nil, kube},
		{"current-context", isKubeconfig, kube},
	}
}

// Scanner knows the marks.
type Scanner struct{ marks []mark }

// NewScanner makes one, for many texts and goroutines.
func NewScanner() *Scanner { return &Scanner{marks()} }

// Kinds calls found with each kind of content that a text holds, once, and where its
// mark stands.
func (s *Scanner) Kinds(text []byte, found func(k Kind, at int)) {
	for i := range s.marks {
		m := &s.marks[i]
		for at, tries := 0, 0; tries < mostNames; tries++ {
			n := bytes.Index(text[at:], []byte(m.magic))
			if n < 0 {
				break
			}
			if at += n; m.is == nil || m.is(text, at) {
				found(m.kind, at)
				break
			}
			at++
		}
	}
}

// isPKCS12 wants the sequence around the version, and a type of content of PKCS #7
// behind it.
func isPKCS12(text []byte, at int) bool {
	if at < 2 || !bytes.Contains(text[max(0, at-6):at], []byte{0x30}) {
		return false
	}
	return bytes.Contains(text[at:min(len(text), at+24)], []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"))
}

// isKey wants the beginning of a PEM block on the same line (RFC 7468).
func isKey(text []byte, at int) bool {
	line := text[max(0, at-40):at]
	if i := bytes.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	}
	return bytes.Contains(line, []byte("-----BEGIN "))
}

// isKubeconfig wants what else a kubeconfig has, and a credential among it.
func isKubeconfig(text []byte, at int) bool {
	near := text[max(0, at-16<<10):min(len(text), at+16<<10)]
	for _, word := range [...]string{"clusters", "contexts", "users"} {
		if !bytes.Contains(near, []byte(word)) {
			return false
		}
	}
	return bytes.Contains(near, []byte("token")) || bytes.Contains(near, []byte("password")) || bytes.Contains(near, []byte("client-key"))
}
