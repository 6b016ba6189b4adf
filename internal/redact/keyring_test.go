package redact

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testKey(b byte) []byte { return bytes.Repeat([]byte{b}, KeySize) }

func testRing(t testing.TB, current byte, old ...byte) *Keyring {
	t.Helper()
	var replaced [][]byte
	for _, b := range old {
		replaced = append(replaced, testKey(b))
	}
	ring, err := NewKeyring(testKey(current), replaced...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// TestFingerprintFormat pins the stored form: changing it would part every
// stored fingerprint from every new one.
func TestFingerprintFormat(t *testing.T) {
	ring := testRing(t, 1)
	mac := hmac.New(sha256.New, testKey(1))
	mac.Write([]byte("cordon/fingerprint/secret/v1\x00the secret"))
	want := "v1:" + ring.KeyID() + ":" + hex.EncodeToString(mac.Sum(nil))
	if got := ring.Fingerprint([]byte("the secret")); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(ring.KeyID()) {
		t.Errorf("key id %q is not 8 hex digits", ring.KeyID())
	}
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(ring.Check()) {
		t.Errorf("check value %q is not 64 hex digits", ring.Check())
	}
}

func TestNoTwoUsesOfAKeyMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		a, b := newRing(t, 1), newRing(t, 2)
		values := []string{
			a.Fingerprint(text), a.MessageHash(text), a.Mark(text), a.Check(), a.KeyID(),
			b.Fingerprint(text), b.MessageHash(text), b.Mark(text), b.Check(), b.KeyID(),
		}
		for i := range values { // a mark is shorter: what it begins with would do
			values[i] = fmt.Sprintf("%.32s", values[i][strings.LastIndexByte(values[i], ':')+1:])
		}
		slices.Sort(values)
		if len(slices.Compact(values)) != 10 {
			t.Fatalf("two uses give the same value: %v", values)
		}
	})
}

func newRing(t *rapid.T, b byte) *Keyring {
	ring, err := NewKeyring(testKey(b))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestRotationKeepsOldFingerprintsJoinable(t *testing.T) {
	secret := []byte("the secret")
	before, now := testRing(t, 1), testRing(t, 2, 1)
	got := now.Fingerprints(secret)
	want := []string{now.Fingerprint(secret), before.Fingerprint(secret)}
	if !slices.Equal(got, want) {
		t.Errorf("fingerprints %v, want the current and the replaced key's %v", got, want)
	}
	if now.Check() == before.Check() || now.KeyID() == before.KeyID() {
		t.Error("another key has the same check value or id")
	}
}

// A text that was marked before a rotation is still known by its mark.
func TestRotationKeepsMarks(t *testing.T) {
	before, now := testRing(t, 1), testRing(t, 2, 1)
	for text, want := range map[string]bool{"a line": true, "another": false} {
		if got := now.Marked([]byte(text), before.Mark([]byte("a line"))); got != want {
			t.Errorf("%q marked: %v", text, got)
		}
	}
	if got, want := now.Marks(nil), []string{now.Mark(nil), before.Mark(nil)}; !slices.Equal(got, want) {
		t.Errorf("marks %v, want %v", got, want)
	}
	if before.Marked([]byte("a line"), now.Mark([]byte("a line"))) || now.Marked(nil, "") {
		t.Error("a mark of another key, or none, is taken")
	}
}

func TestKeysOfWrongLengthAreRefusedWithoutShowingThem(t *testing.T) {
	for _, n := range []int{0, 1, KeySize - 1, KeySize + 1} {
		bad := bytes.Repeat([]byte("k"), n)
		_, errCurrent := NewKeyring(bad)
		_, errOld := NewKeyring(testKey(1), bad)
		for _, err := range []error{errCurrent, errOld} {
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d bytes, want 32", n)) {
				t.Errorf("key of %d bytes: error %v", n, err)
			}
		}
		if !strings.HasPrefix(fmt.Sprint(errOld), "replaced key") {
			t.Errorf("error %v does not say that it is a replaced key", errOld)
		}
	}
}

func TestKeyringOwnsItsKey(t *testing.T) {
	bytesOfKey := testKey(1)
	ring, err := NewKeyring(bytesOfKey)
	if err != nil {
		t.Fatal(err)
	}
	before := ring.Fingerprint([]byte("s"))
	clear(bytesOfKey) // the caller wipes its copy
	if ring.Fingerprint([]byte("s")) != before {
		t.Error("wiping the caller's copy changed the keyring")
	}
}

// TestKeyringNeverPrintsItsKeys: whoever logs a struct that holds a keyring
// must not log the installation key.
func TestKeyringNeverPrintsItsKeys(t *testing.T) {
	ring := testRing(t, 'K', 'O')
	for _, v := range []any{ring, *ring, struct{ R *Keyring }{ring}, []Keyring{*ring}, struct{ r Keyring }{*ring}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			text := fmt.Sprintf(verb, v)
			for _, b := range []byte{'K', 'O'} {
				for _, form := range []string{string(bytes.Repeat([]byte{b}, 4)), fmt.Sprintf("%x%x", b, b), fmt.Sprintf("%d %d", b, b), fmt.Sprintf("%#x, %#x", b, b)} {
					if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
						t.Fatalf("%s of %T shows a key: %s", verb, v, text)
					}
				}
			}
		}
	}
}

// A key that is replaced still gives what it gave.
func TestDerivedKeysOfReplacedOnesStay(t *testing.T) {
	before, after := testRing(t, 1), testRing(t, 2, 1)
	was, _ := before.Derive("x")
	now, replaced := after.Derive("x")
	if len(replaced) != 1 || !replaced[0].Equal(was) || now.Equal(was) || len(now.Reveal()) != KeySize {
		t.Errorf("%d replaced, %d bytes", len(replaced), len(now.Reveal()))
	}
}
