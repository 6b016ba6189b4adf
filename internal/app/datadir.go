package app

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
)

// checkDataDir refuses a data directory in which somebody else could put other
// files in the place of ours. One that others may only read is pointed out: the
// files in it are the owner's own.
func checkDataDir(dir string, log *slog.Logger) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || runtime.GOOS == "windows" {
		return nil // it is made for its owner alone; modes say nothing there
	}
	if err != nil {
		return fmt.Errorf("looking at data directory: %w; give another one as --data", err)
	}
	mode := info.Mode().Perm()
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is no directory; give another --data", dir)
	case !isOurs(info):
		return fmt.Errorf("data directory %s belongs to another user: run cordon as that user, or give it to this one (chown -R)", dir)
	case mode&0o022 != 0:
		return fmt.Errorf("others may write to data directory %s (mode %04o): chmod 700 %s", dir, mode, dir)
	case mode&0o055 != 0:
		log.Warn("others may list the data directory", "dir", dir, "mode", fmt.Sprintf("%04o", mode), "mend", "chmod 700 "+dir)
	}
	return nil
}
