package hostkey

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/deception/persona"
)

func keys(t testing.TB, decky string) *Set {
	t.Helper()
	p, err := persona.New(decky, "linux-server", [persona.SeedSize]byte{7}, time.Now(), persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	return New(p)
}

func TestKeysAreTheSameAgainAndNobodyElses(t *testing.T) {
	a, err := keys(t, "a").All()
	if err != nil {
		t.Fatal(err)
	}
	again, err := keys(t, "a").All()
	if err != nil {
		t.Fatal(err)
	}
	other, err := keys(t, "b").All()
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if !bytes.Equal(a[i].Blob, again[i].Blob) {
			t.Errorf("key %d is another after a restart", i)
		}
		if bytes.Equal(a[i].Blob, other[i].Blob) {
			t.Errorf("key %d is that of another decky", i)
		}
	}
}

// Another implementation reads the keys and agrees with their signatures.
func TestSignaturesVerify(t *testing.T) {
	set := keys(t, "a")
	data := []byte("what was negotiated")
	for _, algorithm := range []string{"rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256", "ssh-ed25519"} {
		k, err := set.For(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		public, err := ssh.ParsePublicKey(k.Blob)
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		sent, err := k.Sign(algorithm, data)
		if err != nil {
			t.Fatal(err)
		}
		signature := new(ssh.Signature)
		if err := ssh.Unmarshal(sent, signature); err != nil || signature.Format != algorithm {
			t.Fatalf("%s: signed as %q, error %v", algorithm, signature.Format, err)
		}
		if err := public.Verify(data, signature); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		if err := public.Verify([]byte("something else"), signature); err == nil {
			t.Errorf("%s: the signature fits anything", algorithm)
		}
	}
}

func TestRSAHasThreeThousandBits(t *testing.T) {
	k, err := keys(t, "a").For("rsa-sha2-512")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(k.Blob); n != 4+7+4+3+4+1+3072/8 {
		t.Errorf("a blob of %d bytes", n)
	}
	if _, err := keys(t, "a").For("ssh-dss"); err == nil {
		t.Error("there is a key for ssh-dss")
	}
}
