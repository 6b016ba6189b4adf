package peer_test

import (
	"context"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
)

// Everything that is in a core, and everything that is appended to it, until enough was
// read. With peer.TCP("10.0.0.5:4977") for dial, it comes from there.
func ExampleFollower() {
	core, dial := exampleCore()
	enough := errors.New("enough")
	f := peer.NewFollower(core, dial, peer.Options{})
	err := f.Run(context.Background(), nil, func(_ context.Context, b hypercore.Batch) error {
		for _, e := range b.Events {
			fmt.Printf("%s %d: %s\n", e.Kind, e.Index, e.Data)
		}
		if b.Next.Length == 3 { // b.Next is where a later Run goes on
			return enough
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// block 0: message 0
	// block 1: message 1
	// block 2: message 2
	// enough
}

// exampleCore is a core of three blocks, and a peer that has it.
func exampleCore() (hypercore.Key, peer.Dial) {
	c := newCore(1)
	c.append(texts("message", 3)...)
	return c.key, newFake(nil, c).dial
}
