package event

import "time"

// TopicDiskSpace is what DiskSpace is said under.
const TopicDiskSpace = "system.disk.space"

// DiskSpace: the disk of a node's data directory is nearly full, or has room again. Said
// once for each change.
type DiskSpace struct {
	Node       string    `json:"node"`        // whose disk it is
	State      string    `json:"state"`       // ok; low: what attackers send to deckies is not kept; critical: nor what they do
	FreeBytes  uint64    `json:"free_bytes"`  // that are free
	FloorBytes uint64    `json:"floor_bytes"` // below which it is low; critical below a quarter of it
	TotalBytes uint64    `json:"total_bytes"` // of the disk
	OccurredAt time.Time `json:"occurred_at"` // when it was looked
}

// Topic implements Payload.
func (DiskSpace) Topic() (string, error) { return TopicDiskSpace, nil }

// Schema implements Payload.
func (DiskSpace) Schema() int { return 1 }

func diskEntry() Entry {
	return Entry{
		Name: "DiskSpace", Topic: TopicDiskSpace, Pattern: TopicDiskSpace,
		Purpose: "The disk of a node's data directory is nearly full, or has room again. While it is low, what attackers send to deckies is not kept, so that the database has the rest.",
		Level:   High, Subject: "node-1",
		Example: DiskSpace{Node: "node-1", State: "low", FreeBytes: 900 << 20, FloorBytes: 1 << 30, TotalBytes: 40 << 30, OccurredAt: exampleTime()},
	}
}
