package testport

import (
	"net"
	"testing"
)

func TestEachCallerGetsAnAddressOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for range 300 {
		addr := Addr(t)
		if seen[addr] {
			t.Fatalf("%s was given twice", addr)
		}
		seen[addr] = true
	}
}

func TestAServerMayListenOnIt(t *testing.T) {
	for range 2 { // also again, as after a restart
		l, err := net.Listen("tcp", Addr(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMarkedAddressIsNobodyElsesUntilItsRelease(t *testing.T) {
	addr, release, err := Reserve()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mark(addr); err == nil {
		t.Error("it was given again")
	}
	release()
	again, err := mark(addr)
	if err != nil {
		t.Fatal(err)
	}
	again()
	l, err := net.Listen("tcp", addr) // a server that nobody announced
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := mark(addr); err == nil {
		t.Error("an address where somebody listens was given")
	}
}
