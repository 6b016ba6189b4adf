package notifytest_test

import (
	"testing"

	"go.cordon.dev/cordon/internal/notify/notifytest"
)

func TestMemory(t *testing.T) {
	notifytest.Run(t, func(*testing.T) notifytest.Store { return notifytest.NewMemory() })
}
