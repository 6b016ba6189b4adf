package ssh

import (
	"bytes"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// software is what the client's identification string says behind the version
// of the protocol.
func (v *visit) software() string {
	parts := strings.SplitN(v.conn.Peer().Ident, "-", 3)
	return parts[len(parts)-1]
}

// openSSH reports whether the client is one that sshd sends its extensions to.
func (v *visit) openSSH() bool {
	s, ok := strings.CutPrefix(v.software(), "OpenSSH")
	return ok && !strings.HasPrefix(s, "_2") && !strings.HasPrefix(s, "_3") && !strings.HasPrefix(s, "_4")
}

// announceKeys tells the client all host keys, so that it can learn those that
// it does not know (hostkeys-00@openssh.com), unless it is one that stumbles
// over that.
func (c *connection) announceKeys() error {
	s := c.software()
	if strings.HasPrefix(s, "TTSSH/") || strings.HasPrefix(s, "TeraTerm SSH") || strings.HasPrefix(s, "Cisco-1.") {
		return nil
	}
	keys, err := c.keys.All()
	if err != nil {
		return err
	}
	p := wire.Message(msgGlobalRequest).Text("hostkeys-00@openssh.com").Bool(false)
	for _, k := range keys {
		p = p.String(k.Blob)
	}
	return c.conn.Write(p)
}

// tellKey tells the client's log which line of the user's keys has let it in. sshd
// does that once for its half that checks keys and once for the other.
func (c *connection) tellKey() error {
	for range 2 {
		if c.keyLine == "" {
			return nil
		}
		if err := c.debug(c.keyLine + ": key options: agent-forwarding port-forwarding pty user-rc x11-forwarding"); err != nil {
			return err
		}
	}
	return nil
}

// proveKeys signs with each host key that the client names.
func (c *connection) proveKeys(r *wire.Reader) ([]byte, bool) {
	keys, err := c.keys.All()
	if err != nil {
		return nil, false
	}
	var out wire.Packet
	for n := 0; r.More(); n++ {
		blob := r.String()
		i := 0
		for i < len(keys) && !bytes.Equal(keys[i].Blob, blob) {
			i++
		}
		if i == len(keys) || n >= 2*len(keys) { // sshd would sign on and on
			return nil, false
		}
		data := wire.Packet(nil).Text("hostkeys-prove-00@openssh.com").String(c.conn.SessionID()).String(blob)
		signature, err := keys[i].Sign(c.proofAlgorithm(), data)
		if err != nil {
			return nil, false
		}
		out = out.String(signature)
	}
	return out, true
}

// proofAlgorithm is how an RSA key signs: as in the key exchange, if it did, or
// else with the longer hash. Other keys know one way only.
func (c *connection) proofAlgorithm() string {
	if c.conn.HostKeyAlgorithm() == "rsa-sha2-256" {
		return "rsa-sha2-256"
	}
	return "rsa-sha2-512"
}
