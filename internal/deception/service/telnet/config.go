package telnet

import (
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/passwords"
)

// config is what an operator may set. README.md explains each key.
type config struct {
	Accept    passwords.Accept `yaml:"accept"`
	FailDelay time.Duration    `yaml:"fail_delay"`
	Timeout   time.Duration    `yaml:"login_timeout"`
	Tries     int              `yaml:"login_retries"`
}

func defaults() config {
	return config{Accept: passwords.Accept{After: 3}, FailDelay: 3 * time.Second, Timeout: time.Minute, Tries: 5}
}

func (c *config) check() error {
	if err := c.Accept.Check(); err != nil {
		return err
	}
	if c.FailDelay < 0 {
		return fmt.Errorf("config: fail_delay: %v is no time to wait; want one such as 3s", c.FailDelay)
	}
	if c.Timeout < time.Second {
		return fmt.Errorf("config: login_timeout: %v is less than a second", c.Timeout)
	}
	if c.Tries < 1 || c.Tries > 1000 {
		return fmt.Errorf("config: login_retries: %d is not between 1 and 1000", c.Tries)
	}
	return nil
}
