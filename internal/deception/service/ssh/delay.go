package ssh

import (
	"crypto/sha512"
	"encoding/binary"
	"time"
)

// minDelay is what sshd takes at least for an answer.
const minDelay = 5 * time.Millisecond

// sleep waits; a client that is gone is noticed afterwards, as sshd does.
func (l *login) sleep(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-l.clock.After(d):
		return nil
	case <-l.ctx.Done():
		return errEnded
	}
}

// pause makes an answer take at least as long as all answers about a user take:
// a time between 5 and 9.3 ms that follows from the name and a secret, and, when
// that has passed already, twice as long, and so on.
func (l *login) pause(start time.Time) error {
	elapsed, want := l.clock.Now().Sub(start), l.userDelay(l.user)
	for want < elapsed {
		want *= 2
	}
	return l.sleep(want - elapsed)
}

func (s *server) userDelay(user string) time.Duration {
	secret := s.persona.Derive("ssh: timing secret")
	sum := sha512.Sum512(append(secret[:], user...))
	return minDelay + time.Duration(binary.BigEndian.Uint32(sum[:])/1000)*time.Nanosecond
}
