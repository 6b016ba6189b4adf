package egress

import (
	"net"
	"sync/atomic"
)

// copyAll moves bytes until src ends, with a buffer of its own.
func copyAll(dst, src net.Conn, count *atomic.Int64) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := src.Read(buf)
		written, werr := dst.Write(buf[:n])
		count.Add(int64(written))
		if werr != nil {
			return werr
		}
		if err != nil {
			return err
		}
	}
}
