package own

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
)

// Files of variables hold keys as well, over several lines or with \n in their
// place: neither hides the other.
func TestKeysAmongVariables(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	publicDER, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	published := string(bytes.TrimSpace(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER})))
	before, behind := chars(alnum, 24), chars(alnum, 24)
	for name, key := range map[string]string{
		"over several lines": block,
		"in quotes":          `"` + block + `"`,
		"in one line":        `"` + strings.ReplaceAll(block, "\n", `\n`) + `"`,
		"with line ends":     `"` + strings.ReplaceAll(block, "\n", "\r\n") + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, ".env", "DB_PASSWORD="+before+"\nSIGNER="+key+"\n"+published+"\nAPI_TOKEN="+behind+"\n")
			k := open(t, Options{Files: []string{path}})
			for what, text := range map[string]string{
				"the variable before": before, "the variable behind": behind,
				"the key in hex": hex.EncodeToString(private.Seed()),
			} {
				if len(found(k, "x "+text)) == 0 {
					t.Errorf("%s is not known", what)
				}
			}
			if got := found(k, published); len(got) > 0 {
				t.Errorf("a public key is taken for a secret of %q", got)
			}
		})
	}
}
