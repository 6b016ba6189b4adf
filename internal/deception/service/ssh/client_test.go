package ssh

import (
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
)

// Debian's own client logs in with each algorithm that is offered.
func TestOpenSSHUnderstandsEachAlgorithm(t *testing.T) {
	d := decky(t, newTiny(t), quick(nil))
	lists := algorithms(newestPatch)
	for option, list := range map[string]int{
		"KexAlgorithms": transport.ListKex, "HostKeyAlgorithms": transport.ListHostKey,
		"Ciphers": transport.ListCipherIn, "MACs": transport.ListMACIn,
	} {
		for name := range strings.SplitSeq(lists[list], ",") {
			if strings.HasPrefix(name, "kex-strict") || name == "sntrup761x25519-sha512" { // the client's own name for it has a suffix
				continue
			}
			t.Run(name, func(t *testing.T) {
				c := newClient(t, d.Address) // that knows none of the keys
				options := []string{"-o", option + "=" + name}
				if option == "MACs" {
					options = append(options, "-o", "Ciphers=aes256-ctr")
				}
				if a := c.ssh("echo hello", options...); a.out != "hello\n" || a.status != 0 {
					t.Errorf("%+v", a)
				}
			})
		}
	}
}

func TestCompressionAndRepeatedKeys(t *testing.T) {
	d := decky(t, newTiny(t), quick(service.Config{"rekey_bytes": 1 << 20}))
	c := newClient(t, d.Address)
	text := strings.Repeat("all the same, but for a number: 1234567890\n", 60_000)
	for name, options := range map[string][]string{
		"compressed":                         {"-C"},
		"the server repeats the exchange":    {"-o", "Ciphers=aes128-gcm@openssh.com"},
		"both do":                            {"-o", "RekeyLimit=500K"},
		"both do, without a strict exchange": {"-o", "RekeyLimit=500K", "-o", "KexAlgorithms=curve25519-sha256", "-o", "Ciphers=aes128-ctr"},
		// It repeats the exchange forty times: by the usual one that is ten seconds of the client's.
		"both do, compressed, with small MACs": {"-C", "-o", "RekeyLimit=300K", "-o", "KexAlgorithms=curve25519-sha256", "-o", "Ciphers=aes192-ctr", "-o", "MACs=umac-64@openssh.com"},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.run("ssh", text, append(options, "root@"+c.host, "cat")...)
			if a.out != text || a.status != 0 {
				t.Errorf("%d bytes of %d come back, status %d\n%s", len(a.out), len(text), a.status, a.log)
			}
		})
	}
}

func TestHowCommandsEnd(t *testing.T) {
	d := decky(t, newTiny(t), quick(nil))
	c := newClient(t, d.Address)
	for command, want := range map[string]answer{
		"echo a b":  {out: "a b\n"},
		"warn x":    {log: "x\n", status: 3},
		"no-such":   {status: 127},
		"killed":    {status: 255},
		"zeros 200": {out: strings.Repeat("\x00", 200)},
	} {
		if got := c.ssh(command, "-q"); got != want {
			t.Errorf("%s: %+v, want %+v", command, got, want)
		}
	}
	var lines []string
	for _, o := range d.Sink.Of(service.Command) {
		lines = append(lines, servicetest.Field(o, "line"))
	}
	if len(lines) != 5 {
		t.Errorf("commands %q are recorded", lines)
	}
}

func TestATerminalIsRecorded(t *testing.T) {
	m := newTiny(t)
	d := decky(t, m, quick(nil))
	c := newClient(t, d.Address)
	a := c.run("ssh", "hello\nexit\n", "-tt", "-o", "SetEnv=LC_TEST=1", "root@"+c.host)
	if !strings.Contains(a.out, "\r\nWelcome.\r\n") || !strings.Contains(a.out, "hello\r\n$ ") || a.status != 0 {
		t.Errorf("%+v", a)
	}
	d.Sink.Wait(t, service.Disconnected, 1)
	var shown, typed strings.Builder
	for _, f := range d.Sink.Frames() {
		switch f.Code {
		case 'o':
			shown.Write(f.Data)
		case 'i':
			typed.Write(f.Data)
		}
	}
	if shown.String() != a.out || typed.String() != "hello\nexit\n" {
		t.Errorf("recorded as %q and %q", shown.String(), typed.String())
	}
	if l := m.all()[0]; l.Terminal == nil || l.Terminal.Term == "" || len(l.Terminal.Modes) == 0 || fmt.Sprint(l.Env) != "[LC_TEST=1]" {
		t.Errorf("the login %+v", l)
	}
	if again := c.run("ssh", "exit\n", "-tt", "root@"+c.host); !strings.Contains(again.out, "Last login: ") || !strings.Contains(again.out, " from 127.0.0.1\r\n") {
		t.Errorf("the second login shows %q", again.out)
	}
}

func TestWhatIsTriedIsACredential(t *testing.T) {
	d := decky(t, newTiny(t), quick(nil))
	c := newClient(t, d.Address)
	c.password = "not " + secret
	a := c.ssh("echo x", "-o", "PreferredAuthentications=password")
	if !strings.Contains(a.log, "Permission denied (publickey,password).") || a.status != 255 {
		t.Errorf("%+v", a)
	}
	got := d.Sink.Wait(t, service.LoginAttempt, 1)[0].Credential
	if got.Kind != service.Plaintext || got.Principal != "root" || string(got.Secret) != c.password || got.Accepted {
		t.Errorf("%+v", got)
	}
	hello := d.Sink.Of(service.ClientHello)[0]
	if !strings.HasPrefix(servicetest.Field(hello, "banner"), "SSH-2.0-OpenSSH_") || len(servicetest.Field(hello, "hassh")) != 32 || servicetest.Field(hello, "kex") == "" {
		t.Errorf("the client is introduced as %+v", hello)
	}
}

func TestConformance(t *testing.T) {
	servicetest.Run(t, Kind(newTiny(t)), quick(nil))
}
