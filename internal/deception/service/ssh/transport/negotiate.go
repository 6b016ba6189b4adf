package transport

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// The lists of a KEXINIT message in their order.
const (
	ListKex = iota
	ListHostKey
	ListCipherIn // of what the client sends
	ListCipherOut
	ListMACIn
	ListMACOut
	ListCompressionIn
	ListCompressionOut
	ListLanguageIn
	ListLanguageOut
	lists
)

// Lists are the algorithms that one side offers, comma-separated.
type Lists [lists]string

// errNoMatch says that the sides have no algorithm in common. sshd answers that
// by closing the connection.
var errNoMatch = errors.New("no algorithm in common")

// ErrMalformed says that a message is not what its number says. sshd answers
// that by closing the connection.
var ErrMalformed = errors.New("malformed message")

func (l *Lists) message() []byte {
	cookie := make([]byte, 16)
	_, _ = rand.Read(cookie) // never fails
	p := wire.Message(MsgKexInit).Raw(cookie)
	for _, names := range l {
		p = p.Text(names)
	}
	return p.Bool(false).Uint32(0)
}

// parseInit reads a KEXINIT message.
func parseInit(packet []byte) (l Lists, follows bool, err error) {
	r := wire.Read(packet[1:])
	r.Skip(16)
	for i := range l {
		l[i] = r.CString()
	}
	follows = r.Bool()
	r.Uint32()
	if !r.End() {
		return l, false, ErrMalformed
	}
	return l, follows, nil
}

// agreement is what two KEXINIT messages make. Index 0 is what the client
// sends, 1 what we send.
type agreement struct {
	kex, hostKey string
	cipher, mac  [2]string
	compression  [2]string
	extInfo      bool // the client understands EXT_INFO
	strict       bool
	skip         bool // the client guessed a method, and wrongly
}

// agree takes of each list the client's first that is ours, too.
func agree(theirs, ours *Lists, follows bool) (a agreement, err error) {
	pick := func(list int) string {
		name, ok := common(theirs[list], ours[list])
		if !ok {
			err = errNoMatch
		}
		return name
	}
	a.kex, a.hostKey = pick(ListKex), pick(ListHostKey)
	for side := range 2 {
		a.cipher[side] = pick(ListCipherIn + side)
		if !ciphers()[a.cipher[side]].alone {
			a.mac[side] = pick(ListMACIn + side)
		}
		a.compression[side] = pick(ListCompressionIn + side)
	}
	a.extInfo, a.strict = has(theirs[ListKex], "ext-info-c"), has(theirs[ListKex], "kex-strict-c-v00@openssh.com")
	a.skip = follows && (first(theirs[ListKex]) != first(ours[ListKex]) || first(theirs[ListHostKey]) != first(ours[ListHostKey]))
	return a, err
}

func common(theirs, ours string) (string, bool) {
	for name := range strings.SplitSeq(theirs, ",") {
		if name != "" && has(ours, name) && !strings.HasPrefix(name, "kex-strict-") {
			return name, true
		}
	}
	return "", false
}

func has(list, name string) bool {
	return slices.Contains(strings.Split(list, ","), name)
}

func first(list string) string {
	name, _, _ := strings.Cut(list, ",")
	return name
}
