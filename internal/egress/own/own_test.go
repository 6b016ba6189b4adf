package own

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
)

const (
	hexDigits = "0123456789abcdef"
	alnum     = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// chars are random, and others each time.
func chars(alphabet string, n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

// password is such characters of which every twelve look random. Of one in twenty some
// do not, by chance, and are not learned: TestFewPasswordsLookLikeWords.
func password(begin, alphabet string, n int) string {
	for {
		if p := begin + chars(alphabet, n); looksRandom(p) {
			return p
		}
	}
}

func looksRandom(p string) bool {
	for i := range len(p) - 11 {
		if !strong([]byte(p[i : i+12])) {
			return false
		}
	}
	return true
}

func TestFewPasswordsLookLikeWords(t *testing.T) {
	const all = 10_000
	few := 0
	for range all {
		if !looksRandom(chars(alnum, 16)) {
			few++
		}
	}
	if few > all*8/100 {
		t.Errorf("%d of %d random passwords have twelve characters that do not look random", few, all)
	}
}

func open(t testing.TB, o Options) *Keeper {
	t.Helper()
	rules, err := detect.BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Scanner = detect.NewScanner(set)
	k, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// found lists where what is in a text comes from.
func found(k *Keeper, text string) (all []string) {
	k.Find([]byte(text), func(start, end int, source string) bool {
		all = append(all, source)
		return true
	})
	return all
}

func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// server is the environment of a service on an ordinary machine.
func server(t testing.TB) (env []string, secrets map[string]string) {
	secrets = map[string]string{
		"SESSION_SECRET":     password("", alnum, 32),
		"APP_KEY":            "base64:" + password("", alnum, 44),
		"DB_PASSWORD":        password("q7", alnum, 14),
		"INTERNAL_API_TOKEN": password("", hexDigits, 40),
	}
	env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/home/app", "LANG=en_GB.UTF-8", "SHELL=/bin/bash",
		"INVOCATION_ID=" + chars(hexDigits, 32), "JOURNAL_STREAM=8:21736", "GIT_COMMIT_SHA=" + chars(hexDigits, 40), "XDG_RUNTIME_DIR=/run/user/1000",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus,guid=" + chars(hexDigits, 32), "SSH_AUTH_SOCK=/tmp/ssh-XXXXq7f3Ab9/agent.2213",
		"NODE_OPTIONS=--max-old-space-size=4096", "PYTHONPATH=/opt/app/lib/python3.12/site-packages", "HOSTNAME=web-7d9f8b6c5-x2x4z", "TZ=Europe/Berlin",
		"KUBERNETES_SERVICE_HOST=10.96.0.1", "LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu", "LS_COLORS=rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35",
		"DATABASE_URL=postgres://app:" + password("Zk4", alnum, 13) + "@db.internal.example:5432/orders", "AUTH_SERVICE_URL=https://auth.internal.example/oauth2/v1/token",
		"AUTH_METHOD=client_secret_basic", "TOKEN_ENDPOINT=https://login.example.com/oauth2/token", "PASSWORD_POLICY=minimum-length-twelve", "SECRET_NAME=prod/orders/database",
		"API_KEY_HEADER=X-Internal-Api-Key", "LOG_FORMAT=%(asctime)s %(levelname)s %(message)s",
	}
	for name, v := range secrets {
		env = append(env, name+"="+v)
	}
	return env, secrets
}

func TestSecretsOfTheEnvironmentAreFound(t *testing.T) {
	env, secrets := server(t)
	k := open(t, Options{Environ: env, AllEnv: true})
	for name, v := range secrets {
		plain := strings.TrimPrefix(v, "base64:")
		for how, text := range map[string]string{
			"whole": "x=" + v, "upper case": strings.ToUpper(v), "a part": "the part " + plain[2:14+2] + " of it", "the end": plain[len(plain)-13:],
			"another alphabet": strings.NewReplacer("+", "-", "/", "_").Replace(plain),
		} {
			if got := found(k, text); !slices.Contains(got, "the variable "+name) {
				t.Errorf("%s, %s: found %v", name, how, got)
			}
		}
	}
}

func TestThePasswordInAURLIsFound(t *testing.T) {
	env, _ := server(t)
	k := open(t, Options{Environ: env, AllEnv: true})
	at := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, "DATABASE_URL=") })
	_, rest, _ := strings.Cut(env[at], "app:")
	password, _, _ := strings.Cut(rest, "@")
	if got := found(k, "pw "+password); !slices.Equal(got, []string{"the variable DATABASE_URL"}) {
		t.Errorf("%v", got)
	}
}

// What anybody could send is not learned, whatever else the environment holds.
func TestOrdinaryValuesAreNotLearned(t *testing.T) {
	env, secrets := server(t)
	k := open(t, Options{Environ: env, AllEnv: true})
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		if _, secret := secrets[name]; secret || name == "DATABASE_URL" {
			continue
		}
		if got := found(k, value); len(got) > 0 {
			t.Errorf("%s: found %v", v, got)
		}
	}
	for _, text := range []string{
		"postgres://app@db.internal.example:5432/orders", "https://auth.internal.example/oauth2/v1/token", "minimum-length-twelve characters", strings.Repeat("0123456789abcdef", 100),
		"2024-01-15T10:22:33.123456Z", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	} {
		if got := found(k, text); len(got) > 0 {
			t.Errorf("%q: found %v", text, got)
		}
	}
}

func TestNamesChooseVariables(t *testing.T) {
	value := chars(alnum, 24)
	k := open(t, Options{Environ: []string{"WEIRD_ID=" + value, "OTHER_SECRET=" + chars(alnum, 24) + "x9"}, Names: []string{"WEIRD_ID"}})
	if got := found(k, value); !slices.Equal(got, []string{"the variable WEIRD_ID"}) {
		t.Errorf("%v", got)
	}
}

// A passphrase looks like any other text: who names it wants it known all the same.
func TestANamedPassphraseIsLearnedWhole(t *testing.T) {
	phrase := "velvet-otter-" + "93-paper-lamp"
	k := open(t, Options{Environ: []string{"PHRASE=" + phrase, "PAGE=https://www.example.com/", "PIN=1234"}, Names: []string{"PHRASE", "PAGE", "PIN"}})
	if got := found(k, "say "+phrase+" and enter"); !slices.Equal(got, []string{"the variable PHRASE"}) {
		t.Errorf("%v", got)
	}
	if got := found(k, "a page: https://www.example.com/ and 1234, a velvet otter, a paper lamp"); len(got) != 0 {
		t.Errorf("other text: %v", got)
	}
}

func TestFilesAreLearnedAndLearnedAgain(t *testing.T) {
	first, second := chars(alnum, 24)+"7q", chars(alnum, 24)+"9z"
	path := write(t, "app.env", "# made by hand\nexport STRIPE='"+first+"'\nDEBUG=true\nBASE_URL=https://www.example.com/very/long/path/to/nothing\n")
	k := open(t, Options{Files: []string{path}, Every: time.Millisecond})
	if got := found(k, "a "+first+" b"); !slices.Equal(got, []string{"STRIPE of the file app.env"}) {
		t.Fatalf("%v", got)
	}
	if got := found(k, "https://www.example.com/very/long/path/to/nothing"); len(got) > 0 {
		t.Errorf("%v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	if err := os.WriteFile(path, []byte("STRIPE="+second+"and_more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); len(found(k, second)) == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if len(found(k, second)) == 0 || len(found(k, first)) > 0 {
		t.Error("the file was not learned again")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	if len(found(k, second)) == 0 {
		t.Error("a file that is gone made it forget")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAFileThatCannotBeReadIsAnError(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		if _, err := Open(Options{Files: []string{path}}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%v", err)
		}
	}
}

// Of a private key its secret half is known, in the file's spelling, in hex and as
// bytes; not what its certificate holds too, nor another key of the kind.
func TestPrivateKeysAreFoundAndNotTheirPublicHalves(t *testing.T) {
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	small, bad := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edwards, worse := ed25519.GenerateKey(rand.Reader)
	if err != nil || bad != nil || worse != nil {
		t.Fatal(err, bad, worse)
	}
	for kind, key := range map[string]any{"rsa": big, "ecdsa": small, "ed25519": edwards} {
		t.Run(kind, func(t *testing.T) {
			der, err := x509.MarshalPKCS8PrivateKey(key)
			if err != nil {
				t.Fatal(err)
			}
			file := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
			k := open(t, Options{Files: []string{write(t, "server.key", string(file))}})
			public, err := x509.MarshalPKIXPublicKey(key.(crypto.Signer).Public())
			if err != nil {
				t.Fatal(err)
			}
			n := slices.MaxFunc(secretNumbers(der), func(a, b []byte) int { return len(a) - len(b) })
			for how, text := range map[string]string{"the file": string(file), "hex": hex.EncodeToString(n), "base64 of its bytes": base64.StdEncoding.EncodeToString(n[1:]), "bytes": string(n)} {
				if got := found(k, text); !slices.Contains(got, "the key in the file server.key") {
					t.Errorf("%s: found %v", how, got)
				}
			}
			for how, text := range map[string]string{"public half": string(public), "public file": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), "header": string(file[:60])} {
				if got := found(k, text); len(got) > 0 {
					t.Errorf("%s: found %v", how, got)
				}
			}
		})
	}
}

func TestNothingIsKeptInTheClear(t *testing.T) {
	value := chars(alnum, 30)
	k := open(t, Options{Environ: []string{"A_SECRET=" + value}, AllEnv: true})
	k.o.Environ = nil
	if text := fmt.Sprintf("%+v %+v", k.now.Load().windows, k.now.Load().sources); strings.Contains(text, value[:window]) || k.Windows() == 0 {
		t.Error("the value is in the index")
	}
}

// A text that is full of a secret costs no more than its length.
func TestATextFullOfASecretIsBounded(t *testing.T) {
	value := chars(alnum, 30)
	k := open(t, Options{Environ: []string{"A_SECRET=" + value}, AllEnv: true})
	if got := found(k, strings.Repeat(value+" ", 5000)); len(got) != mostFound {
		t.Errorf("%d are found", len(got))
	}
}

func FuzzLearnAndFind(f *testing.F) {
	f.Add([]byte("A_SECRET=x\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), []byte("text"))
	f.Add([]byte("https://a:b@c/?d=e"), []byte{0xff, 0})
	keys, err := newKeys()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file, text []byte) {
		l := newLearner(keys, nil)
		l.file("x", file)
		x := newIndex(keys, l.windows, l.sources)
		check := func(text []byte) {
			end := 0
			x.find(text, func(from, to int, source string) bool {
				if from < 0 || to > len(text) || to-from < window || from < end-window {
					t.Fatalf("[%d:%d] of %d", from, to, len(text))
				}
				end = to
				return true
			})
		}
		check(text)
		check(bytes.ToUpper(file))
	})
}

func BenchmarkFind(b *testing.B) {
	env, _ := server(b)
	k := open(b, Options{Environ: env, AllEnv: true})
	text := bytes.Repeat([]byte("the build queue waits for a reviewer before the next item of work is taken up\n"), 800)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		k.Find(text, func(int, int, string) bool { b.Fatal("found"); return false })
	}
}
