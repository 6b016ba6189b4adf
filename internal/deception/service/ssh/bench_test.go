package ssh

import (
	"io/fs"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// idle is how many clients the memory of one is measured with.
const idle = 200

// clients is how many log in at once.
const clients = 32

// BenchmarkIdleLogins tells what a logged-in client with a shell costs, both
// ends of the connection and the client's library included.
func BenchmarkIdleLogins(b *testing.B) {
	for range b.N {
		d := decky(b, newTiny(b), quick(nil))
		var before, after runtime.MemStats
		if c, err := dial(b, d.Address, secret); err == nil {
			defer c.Close()
		}
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range idle {
			c, err := dial(b, d.Address, secret)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse)/idle/1024, "KiB/login")
	}
}

// BenchmarkLogins tells how many logins there are in a second, of the decky and
// of sshd, refused and let in, by thirty-two clients at once. sshd asks PAM for
// passwords, which an ordinary user's cannot: it lets in by key.
func BenchmarkLogins(b *testing.B) {
	m := newTiny(b)
	d, r := decky(b, m, quick(nil)), sshd(b)
	signer := trusted(b, m, r.key)
	for _, tt := range []struct {
		name, address, user string
		how                 xssh.AuthMethod
	}{
		{"refused/decky", d.Address, "root", xssh.Password("wrong")},
		{"refused/sshd", r.address, r.user, xssh.Password("wrong")},
		{"let in by password/decky", d.Address, "root", xssh.Password(secret)},
		{"let in by key/decky", d.Address, "root", xssh.PublicKeys(signer)},
		{"let in by key/sshd", r.address, r.user, xssh.PublicKeys(signer)},
	} {
		b.Run(tt.name, func(b *testing.B) {
			in := tt.name[:3] == "let"
			crowd(b, func() {
				c, err := xssh.Dial("tcp", tt.address, &xssh.ClientConfig{
					User: tt.user, Auth: []xssh.AuthMethod{tt.how}, HostKeyCallback: xssh.InsecureIgnoreHostKey(), Timeout: time.Minute,
				})
				if (err == nil) != in {
					b.Errorf("let in: %v, error %v", err == nil, err)
				}
				if err == nil {
					_ = c.Close()
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
		})
	}
}

// crowd lets clients do b.N things at once.
func crowd(b *testing.B, do func()) {
	var all sync.WaitGroup
	for w := range clients {
		all.Go(func() {
			for range (b.N + clients - 1 - w) / clients {
				do()
			}
		})
	}
	all.Wait()
}

// trusted is the key in a file, and from now on root's on m.
func trusted(b *testing.B, m *tiny, file string) xssh.Signer {
	b.Helper()
	private, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	signer, err := xssh.ParsePrivateKey(private)
	if err != nil {
		b.Fatal(err)
	}
	root := m.fs.As(vfs.Cred{})
	if err := root.Mkdir("/root/.ssh", fs.FileMode(0o700)); err != nil {
		b.Fatal(err)
	}
	if err := root.WriteFile("/root/.ssh/authorized_keys", xssh.MarshalAuthorizedKey(signer.PublicKey()), 0o600); err != nil {
		b.Fatal(err)
	}
	return signer
}
