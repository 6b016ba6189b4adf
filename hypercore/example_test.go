package hypercore_test

import (
	"context"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore"
)

func ExampleOpen() {
	core, err := hypercore.Open("testdata/length-3", hypercore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer core.Close()
	if _, err := core.Verify(context.Background()); err != nil {
		fmt.Println("not what was signed:", err)
		return
	}
	block, err := core.Block(1)
	fmt.Printf("%d blocks, block 1 is %q %v\n", core.Info().Length, block, err)
	// Output: 3 blocks, block 1 is "block 1" <nil>
}

func ExampleCore_Blocks() {
	core, err := hypercore.Open("testdata/sparse", hypercore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer core.Close()
	for e, err := range core.Blocks(context.Background(), 20) {
		if err != nil {
			fmt.Println(err)
			return
		}
		switch e.Kind {
		case hypercore.Block:
			fmt.Printf("%d: %s\n", e.Index, e.Data)
		case hypercore.Gap:
			fmt.Printf("%d to %d are not stored here\n", e.Index, e.To-1)
		}
	}
	// Output:
	// 20: block 20
	// 21: block 21
	// 22: block 22
	// 23: block 23
	// 24 to 47 are not stored here
	// 48: block 48
	// 49: block 49
}

func ExampleList() {
	cores, err := hypercore.List(context.Background(), "testdata/corestore", hypercore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cores {
		fmt.Printf("%s %.8s length %d verified %v\n", c.Name, c.Key.String(), c.Length, c.Verified)
	}
	// Output:
	// messages de080dd1 length 12 verified true
	// idle 50f67ff8 length 0 verified true
	// audit 41378114 length 3 verified true
}

func ExampleFollower() {
	errEnough := errors.New("enough")
	follower := hypercore.NewFollower("testdata/truncated-shorter", hypercore.FollowOptions{})
	err := follower.Run(context.Background(), nil, func(_ context.Context, b hypercore.Batch) error {
		for _, e := range b.Events {
			fmt.Printf("%v %d of fork %d: %s\n", e.Kind, e.Index, e.Fork, e.Data)
		}
		// A real handler stores b.Next with its results and returns nil.
		if b.Next.Length == 6 {
			return errEnough
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// block 0 of fork 1: block 0
	// block 1 of fork 1: block 1
	// block 2 of fork 1: block 2
	// block 3 of fork 1: block 3
	// block 4 of fork 1: block 4
	// block 5 of fork 1: block 5
	// enough
}
