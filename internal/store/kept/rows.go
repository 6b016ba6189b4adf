package kept

import "database/sql/driver"

// rows are those of a kept statement, which is free again once they are closed. They do
// not tell their columns' types: who reads them knows what he asked for.
type rows struct {
	driver.Rows
	of *statement
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
