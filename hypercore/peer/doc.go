// Package peer reads a Hypercore from another peer over the network and follows it while it
// is written: the same events as package hypercore reads from a directory, without access
// to the directory. It downloads only; it has no blocks to give.
//
// # Trust
//
// The core's key is all that is trusted. A tree counts when the key's owner signed it, a
// block when it leads to a root of that tree; anything else ends the core's part of the
// connection, and the connection when no other core is on it. The peer
// can withhold, delay and be out of date, and nothing more. What it withholds shows as a
// State: Behind, Incomplete, Connecting.
//
// A fork counts when the new tree is signed for a higher fork; how much of the log is still
// the same is proven against what was read before. A log that is signed twice with
// different blocks in one fork is reported as a Rollback.
//
// # The other end
//
// Whoever has the core and lets a TCP connection replicate it. In Node, with core or store
// the hypercore or corestore that is there anyway:
//
//	net.createServer((socket) => {
//	  const stream = core.replicate(false)
//	  socket.pipe(stream).pipe(socket)
//	  socket.on('error', () => stream.destroy())
//	  stream.on('error', () => socket.destroy())
//	}).listen(4977, '10.0.0.5')
//
// The connection is encrypted, and useless to those who do not know the core's key.
//
// Of a corestore (store.replicate instead of core.replicate) several cores are followed on one
// connection by a [Link]:
//
//	link := peer.NewLink(peer.TCP("10.0.0.5:4977"), wire.Initiator, wire.Options{})
//	go link.NewFollower(audit, peer.Options{}).Run(ctx, nil, handle)
//	go link.NewFollower(chat, peer.Options{}).Run(ctx, nil, handle)
//
// # How it reads
//
// Blocks are asked for in order, some ahead. With each block come the nodes on its way up
// to the nearest node that is known by then, so that a log read from its beginning costs
// one node a block. What is held is bounded: the blocks ahead by Options.Ahead and
// AheadBytes, what has come and is not looked at yet by AheadBytes, a frame by wire.MaxFrame.
//
// The package imports hypercore, its sub-packages and the standard library. A new message
// is answered in session.go; a new reason to ask the peer for something is a field of
// session and a case in its step.
//
// # What it does not do
//
// A block that the peer does not have is waited for: State says Incomplete and which. When
// the peer says nothing about it for Options.Patience it is told as a Gap, its place in the
// tree is proven, and reading goes on; when it arrives it is told as Late.
package peer
