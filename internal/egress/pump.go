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
		if _, werr := dst.Write(buf[:n]); werr != nil {
			return werr
		}
		count.Add(int64(n))
		if err != nil {
			return err
		}
	}
}
