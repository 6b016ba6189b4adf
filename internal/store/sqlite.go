package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"

	"go.cordon.dev/cordon/internal/store/kept"
)

// sqliteMagic begins every SQLite database (https://www.sqlite.org/fileformat2.html, 1.2.1).
const sqliteMagic = "SQLite format 3\x00"

// busyTimeout is how long a connection waits for another process (a CLI
// command beside a server) to end its transaction.
const busyTimeout = 5 * time.Second

// parseSQLite reads what stands behind "sqlite:", and makes sure that the path
// is or can become a database.
func parseSQLite(rest string) (place, error) {
	path := strings.TrimPrefix(rest, "//")
	if path == "" || path == ":memory:" {
		return nil, errors.New("store url names no file: write sqlite:PATH, such as sqlite:/var/lib/cordon/cordon.db")
	}
	file, err := prepareFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	return file, nil
}

func (f dbFile) connect(r role) (*bun.DB, error) {
	if r == reader {
		return connect(dsn(f.path, readerSettings()), r.size(), plainConnector)
	}
	return connect(dsn(f.path, writerSettings()), 1, kept.Connector)
}

func plainConnector(c driver.Connector) driver.Connector { return c }

func (f dbFile) String() string { return f.path }

// writerSettings: a commit returns once it would survive a power cut
// (synchronous=FULL syncs the WAL at each commit), deleted rows are
// overwritten with zeroes, and a transaction takes the write lock when it
// begins, so it cannot fail half-way because of another process. Moving the WAL into
// the database is the [mover]'s; a commit does it only when the WAL has 128 MB.
func writerSettings() url.Values {
	v := settings()
	v.Set("_txlock", "immediate")
	v.Set("_synchronous", "FULL")
	v.Add("_pragma", "secure_delete(ON)")
	v.Add("_pragma", "journal_size_limit(16777216)")
	v.Add("_pragma", "wal_autocheckpoint(32000)")
	v.Add("_pragma", "cache_size(-32768)")
	v.Add("_pragma", "temp_store(MEMORY)") // a savepoint's pages would go to a file
	v.Set("_journal_mode", "WAL")
	return v
}

func readerSettings() url.Values {
	v := settings()
	v.Set("_query_only", "1")
	v.Add("_pragma", "cache_size(-8192)")
	return v
}

func settings() url.Values {
	v := url.Values{}
	v.Set("_busy_timeout", fmt.Sprint(busyTimeout.Milliseconds()))
	v.Set("_foreign_keys", "1")
	v.Set("_defensive", "1")
	v.Set("_dqs", "0")
	v.Set("_error_rc", "1")
	v.Set("_timezone", "UTC")
	v.Set("mode", "rw")
	return v
}

func dsn(path string, v url.Values) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a Windows drive
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: v.Encode()}).String()
}

func connect(dsn string, conns int, wrap func(driver.Connector) driver.Connector) (*bun.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	db := sql.OpenDB(wrap(c))
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return bun.NewDB(db, sqlitedialect.New()), nil
}

// settle moves the write-ahead log into the database and empties it, so that
// nothing deleted stays behind in it.
func (dbFile) settle(ctx context.Context, db *bun.DB) error {
	var busy, pages, moved int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return explain(err)
	}
	if busy != 0 {
		return errors.New("a reader holds the write-ahead log: it is emptied the next time")
	}
	return nil
}

// mover implements movable.
func (f dbFile) mover() (*bun.DB, error) { return f.connect(writer) }

// scrub needs no more than settling: deleted rows are overwritten where they
// lie (see writerSettings).
func (f dbFile) scrub(ctx context.Context, s *Store) error { return f.settle(ctx, s.write) }

// dbFile is the database's file as it was when it was opened.
type dbFile struct {
	path string
	info fs.FileInfo
}

func (f dbFile) check() error {
	now, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("database file %s is gone: stop Cordon, restore a backup, start again", f.path)
	}
	if !os.SameFile(f.info, now) {
		return fmt.Errorf("database file %s was replaced while it was open: restart Cordon", f.path)
	}
	return nil
}

// prepareFile creates the database's file, readable by its owner only, or
// checks the one that is there. SQLite gives -wal and -shm the same mode.
func prepareFile(path string) (dbFile, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return dbFile{}, fmt.Errorf("resolving path: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return dbFile{}, fmt.Errorf("making the data directory: %w", err)
	}
	if err := checkOrphanLog(abs); err != nil {
		return dbFile{}, err
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return dbFile{}, fmt.Errorf("check that it is a file this user may read and write: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := checkMagic(f); err != nil {
		return dbFile{}, err
	}
	return secureFile(abs, f)
}

// secureFile takes other users' rights from the database and its companions.
func secureFile(path string, f *os.File) (dbFile, error) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(name, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return dbFile{}, fmt.Errorf("restricting the file to its owner: %w", err)
		}
	}
	info, err := f.Stat()
	if err != nil {
		return dbFile{}, fmt.Errorf("reading the file's state: %w", err)
	}
	return dbFile{path: path, info: info}, nil
}

// checkOrphanLog refuses to begin anew where a write-ahead log shows that
// there was a database: its last commits are in that log.
func checkOrphanLog(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	wal, err := os.Stat(path + "-wal")
	if err != nil || wal.Size() == 0 {
		return nil
	}
	return fmt.Errorf("the file is missing but its write-ahead log %s-wal is there: restore a backup, or remove the log to begin with an empty database", path)
}

func checkMagic(f *os.File) error {
	head := make([]byte, len(sqliteMagic))
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) {
		return nil // empty: SQLite makes it a database
	}
	if n < len(head) || string(head) != sqliteMagic {
		return errors.New("the file is not a SQLite database: name another path, or move the file away")
	}
	return nil
}

// isHeld reports whether another process holds the file.
func isHeld(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == 5
}

// judgeSQLite says what a primary result code means
// (https://www.sqlite.org/rescode.html).
func judgeSQLite(err error) (verdict, bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	return judgedBy(map[int]verdict{
		5:  {plain, "another process holds the database: stop it or try again"},
		8:  {ill, "the file or its directory is read-only: give this user the right to write"},
		10: {ill, "the disk failed to read or write: check the disk and the system log"},
		11: {ill, "the database is damaged: restore a backup"},
		13: {ill, "the disk is full: make room, then try again"},
		14: {ill, "the file cannot be opened: check that its directory exists and belongs to this user"},
		26: {ill, "the file is not a SQLite database: name another path, or restore a backup"},
	}, e.Code()&0xff), true
}
