package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
)

// serveOrigin is a server that does as little as a server can: it knows GET of
// two sizes, takes a POST and says so, sends zeros without end to who says Z, and echoes the rest.
func serveOrigin() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return servePages(l)
}

func servePages(l net.Listener) error {
	small, large, taken := page(1<<10), page(64<<10), page(0)
	return acceptAll(l, func(c net.Conn) {
		var buf [4096]byte
		for {
			n, err := c.Read(buf[:])
			if err != nil {
				return
			}
			switch b := buf[:n]; {
			case bytes.Contains(b, []byte("/1k ")):
				_, err = c.Write(small)
			case bytes.Contains(b, []byte("/64k ")):
				_, err = c.Write(large)
			case bytes.HasPrefix(b, []byte("POST ")):
				if err = swallow(c, b); err == nil {
					_, err = c.Write(taken)
				}
			case b[0] == 'Z':
				zeros := make([]byte, 1<<20)
				for err == nil {
					_, err = c.Write(zeros)
				}
			default:
				_, err = c.Write(b)
			}
			if err != nil {
				return
			}
		}
	})
}

// swallow reads the rest of a request that begins with b.
func swallow(c net.Conn, b []byte) error {
	b = bytes.Clone(b)
	for {
		head, body, whole := bytes.Cut(b, []byte("\r\n\r\n"))
		if whole {
			var size int64
			_, after, _ := bytes.Cut(head, []byte("Content-Length: "))
			if _, err := fmt.Sscanf(string(after[:min(len(after), 12)]), "%d", &size); err != nil {
				return fmt.Errorf("reading a length: %w", err)
			}
			_, err := io.CopyN(io.Discard, c, size-int64(len(body)))
			return err
		}
		var more [4096]byte
		n, err := c.Read(more[:])
		if err != nil {
			return err
		}
		b = append(b, more[:n]...)
	}
}

func page(size int) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
}

func acceptAll(l net.Listener, serve func(net.Conn)) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer func() { _ = c.Close() }()
			serve(c)
		}()
	}
}

// serveRelay is what no proxy in Go can be faster than: it reads nothing but a
// CONNECT, if there is one, and copies.
func serveRelay(to string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return acceptAll(l, func(c net.Conn) {
		r := bufio.NewReader(c)
		first, err := r.Peek(7)
		if err != nil {
			return
		}
		up, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer func() { _ = up.Close() }()
		if string(first) == "CONNECT" {
			for line := "x"; line != "\r\n" && err == nil; {
				line, err = r.ReadString('\n')
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		}
		early, _ := r.Peek(r.Buffered())
		_, _ = up.Write(early)
		go func() {
			_, _ = io.Copy(up, c)
			_ = up.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(c, up)
	})
}
