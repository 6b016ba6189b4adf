package syslog

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// Stats count what became of messages since the server was made.
type Stats struct {
	Received uint64 // lines that were taken
	Records  uint64 // that were made of them, and are durable
	Unknown  uint64 // lines that no parser knows
	TooLong  uint64 // lines that were longer than a line may be
	Dropped  uint64 // lines that came while too many waited, or were left when the server stopped
	Refused  uint64 // datagrams and connections of those who may not send, or have too many
}

// counts are Stats that several goroutines count.
type counts struct{ received, records, unknown, tooLong, dropped, refused atomic.Uint64 }

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	c := &s.counts
	return Stats{
		Received: c.received.Load(), Records: c.records.Load(), Unknown: c.unknown.Load(),
		TooLong: c.tooLong.Load(), Dropped: c.dropped.Load(), Refused: c.refused.Load(),
	}
}

// consume makes records of the lines that wait, until the queue is closed and
// empty.
func (s *Server) consume(ctx context.Context) {
	defer close(s.queue.empty)
	for lines := s.queue.take(parse.MaxBatch); lines != nil; lines = s.queue.take(parse.MaxBatch) {
		var records []parse.Record
		for _, l := range lines {
			before := len(records)
			if records = s.reader.Read(records, l.text, l.received); len(records) == before {
				s.counts.unknown.Add(1)
			}
		}
		for batch := range slices.Chunk(records, parse.MaxBatch) {
			s.record(ctx, batch)
		}
	}
}

// record tries until the records are durable or ctx ends.
func (s *Server) record(ctx context.Context, batch []parse.Record) {
	for pause := s.pause; ; pause = min(2*pause, longestPause) {
		err := s.try(ctx, batch)
		if err == nil {
			s.counts.records.Add(uint64(len(batch)))
			return
		}
		if ctx.Err() == nil {
			s.o.Log.Warn("syslog waits for what takes its records", "records", len(batch), "error", err)
		}
		select {
		case <-ctx.Done():
			s.counts.dropped.Add(uint64(len(batch)))
			return
		case <-s.o.Clock.After(pause):
		}
	}
}

func (s *Server) try(ctx context.Context, batch []parse.Record) error {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	return s.o.Recorder.Record(ctx, batch)
}

// report tells the log what was lost, at most once a minute, and at the end.
func (s *Server) report(ctx context.Context) {
	var told Stats
	for {
		var err error
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-s.o.Clock.After(reportEvery):
		}
		now := s.Stats()
		if now.Dropped != told.Dropped || now.TooLong != told.TooLong || now.Refused != told.Refused {
			s.o.Log.Warn("syslog messages are lost: since the start", "dropped", now.Dropped, "too_long", now.TooLong, "refused", now.Refused, "received", now.Received)
		}
		if told = now; err != nil {
			return
		}
	}
}

// now is when a line is received, in the zone of times that name none.
func (s *Server) now() time.Time { return s.o.Clock.Now().In(s.o.Zone) }
