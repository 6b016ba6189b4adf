package store11

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

// readLogs reads what is newer than the tables; gone when a log was removed meanwhile.
func (d *DB) readLogs() (gone bool, err error) {
	numbers, err := d.logNumbers()
	if err != nil {
		return false, err
	}
	d.forget()
	for _, n := range numbers {
		w, err := d.openLog(n)
		if err != nil {
			return errors.Is(err, fs.ErrNotExist), ignore(err, true)
		}
		if err := d.readLog(w); err != nil {
			return false, fmt.Errorf("log %06d: %w", n, err)
		}
	}
	return false, nil
}

func (d *DB) openLog(number uint64) (*wal, error) {
	for _, w := range d.logs {
		if w.number == number {
			return w, nil
		}
	}
	f, err := os.Open(d.name(number, "log"))
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}
	w := &wal{number: number, f: f, log: logReader{r: f}}
	d.logs = append(d.logs, w)
	return w, nil
}

// logNumbers are those of the logs that are newer than the tables, in order.
func (d *DB) logNumbers() (out []uint64, err error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, fmt.Errorf("listing logs: %w", err)
	}
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), ".log")
		n, err := strconv.ParseUint(digits, 10, 63)
		if ok && err == nil && n >= d.manifest.newest {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// forget leaves the logs that are in tables by now.
func (d *DB) forget() {
	oldest := d.manifest.newest
	n := len(d.logs)
	d.logs = slices.DeleteFunc(d.logs, func(w *wal) bool {
		if w.number < oldest {
			w.f.Close() // was only read
		}
		return w.number < oldest
	})
	if n == len(d.logs) {
		return
	}
	for key, p := range d.pending {
		if p.log < oldest {
			delete(d.pending, key)
		}
	}
	d.tombs = slices.DeleteFunc(d.tombs, func(b tomb) bool { return b.log < oldest })
}

// readLog takes what was appended to a log.
func (d *DB) readLog(w *wal) error {
	info, err := w.f.Stat()
	if err != nil {
		return fmt.Errorf("reading its size: %w", err)
	}
	w.size = info.Size()
	defer w.log.wipe()
	for {
		record, at, err := w.log.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := readBatch(record, func(o op) { d.note(o, w.number, at) }); err != nil {
			return err
		}
		if len(d.pending) > maxPending || len(d.tombs) > maxTombs {
			return fmt.Errorf("%w: %d keys are not in a table yet", ErrTooLarge, len(d.pending))
		}
	}
}

func (d *DB) note(o op, log uint64, record int64) {
	if o.family != d.manifest.family || d.keep != nil && !d.keep(o.key) {
		return
	}
	d.noted++
	if o.kind == opRangeDelete {
		d.tombs = append(d.tombs, tomb{bytes.Clone(o.key), bytes.Clone(o.value), o.seq, log})
		return
	}
	d.pending[string(o.key)] = place{
		seq: o.seq, log: log, record: record, at: int32(o.at), len: int32(len(o.value)), deleted: o.kind == opDelete,
	}
}

// logged reads a value from a log.
func (d *DB) logged(p place) ([]byte, error) {
	if d.cached == nil || d.cachedIn != p.log || d.cachedAt != p.record {
		i := slices.IndexFunc(d.logs, func(w *wal) bool { return w.number == p.log })
		if i < 0 {
			return nil, ErrBusy
		}
		if d.cache.r != d.logs[i].f {
			d.cache = logReader{r: d.logs[i].f}
		}
		d.cached = nil
		d.cache.off = p.record
		record, _, err := d.cache.next()
		if err != nil {
			return nil, fmt.Errorf("%w: a record of a log can't be read again: %w", ErrDamaged, err)
		}
		d.cached, d.cachedIn, d.cachedAt = record, p.log, p.record
	}
	if int(p.at)+int(p.len) > len(d.cached) {
		return nil, fmt.Errorf("%w: a record of a log has become shorter", ErrDamaged)
	}
	return d.cached[p.at : p.at+p.len : p.at+p.len], nil
}
