package store_test

import (
	"testing"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) { storetest.Run(t, storetest.SQLiteURL) }
