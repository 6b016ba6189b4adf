// Command bench measures what the gateway costs: how many messages of 1 KB pass
// in a second, with what time of its processor, and how much later a message
// arrives than over a direct connection, in the same run. The gateway is a
// process of its own; the two nodes are this one.
//
//	go run ./bench
//
// BENCH_PROFILE=FILE has the gateway write there where its time goes (go tool pprof).
//
// It may import the gateway and libp2p. To measure something else, add a row.
package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"

	"go.cordon.dev/cordon/bzzz/gateway"
	"go.cordon.dev/cordon/bzzz/gateway/report"
	"go.cordon.dev/cordon/bzzz/gateway/settings"
)

const (
	topicName = "bench"
	full      = 50_000 // messages of the first row
	paced     = 5_000  // of the others, 1,000 a second
	inFlight  = 1_000
	room      = 1 << 14
)

func main() {
	err := measure()
	if len(os.Args) > 1 && os.Args[1] == "gateway" {
		err = serve()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(3)
	}
}

// serve is the gateway's process; it ends with its stdin.
func serve() error {
	s, err := settings.Load(os.Args[2:], os.Getenv, os.Stderr)
	if err != nil {
		return err
	}
	stop, err := profile(os.Getenv("BENCH_PROFILE"))
	if err != nil {
		return err
	}
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is the sign
		cancel()
	}()
	return gateway.Run(ctx, gateway.Deps{
		Settings: s, Getenv: os.Getenv, Log: slog.New(slog.DiscardHandler), Version: "bench",
		Ready: func(l []report.Listener) { _ = json.NewEncoder(os.Stdout).Encode(l) }, // read by measure
	})
}

// profile writes where the gateway's processor time goes to a file, if one is named.
func profile(name string) (stop func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, pprof.StartCPUProfile(f)
}

func measure() error {
	if len(os.Args) > 1 {
		return nil
	}
	dir, err := os.MkdirTemp("", "bzzz-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder of its own
	child := exec.Command(os.Args[0], "gateway", "--listen-a", "127.0.0.1:0", "--listen-b", "127.0.0.1:0", "--topic", topicName, "--events", dir+"/events", "--data", dir)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	var listeners []report.Listener
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&listeners); err != nil {
		return err
	}
	if err := rows(child.Process.Pid, listeners); err != nil {
		return err
	}
	_ = in.Close() // the child ends
	return child.Wait()
}

func rows(pid int, l []report.Listener) error {
	through, err := newRoad(l[0].Addresses[0], l[1].Addresses[0])
	if err != nil {
		return err
	}
	cpu := processor(pid)
	check := signatureCheck()
	took := through.send(full, 0)
	check = (check + signatureCheck()) / 2
	cpu = processor(pid) - cpu
	each := cpu / full
	fmt.Printf("through the gateway   %8.0f messages/s of 1 KB; %v of the gateway's processor each = %.0f/s on 2 cores\n", full/took.Seconds(), each, 2/each.Seconds())
	fmt.Printf("                      %.1f times as much as checking one signature, which takes %v here\n", float64(each)/float64(check), check)
	direct, err := newRoad("", "")
	if err != nil {
		return err
	}
	through.send(paced, time.Millisecond)
	direct.send(paced, time.Millisecond)
	a, b := through.lateness(), direct.lateness()
	fmt.Printf("at 1,000/s            mean %v through the gateway, %v direct, %v added\n", a.mean, b.mean, a.mean-b.mean)
	fmt.Printf("                      p50 %v through the gateway, %v direct; p99 %v, %v\n", a.p50, b.p50, a.p99, b.p99)
	return nil
}

// signatureCheck is how long an Ed25519 signature of 1 KB takes to be checked:
// the part of a message's cost that is not ours, and a measure of how busy the
// machine is.
func signatureCheck() time.Duration {
	const checks = 2000
	public, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		return 0
	}
	text := message()
	signature := ed25519.Sign(secret, text)
	before := processor(os.Getpid())
	for range checks {
		ed25519.Verify(public, text, signature)
	}
	return (processor(os.Getpid()) - before) / checks
}

// processor is the time of the processor a process has used (proc(5), stat,
// fields 14 and 15, in hundredths of a second).
func processor(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// road leads from one node to another.
type road struct {
	out     *pubsub.Topic
	arrived atomic.Int64

	mu   sync.Mutex
	late []time.Duration // of the messages since the last send began
}

// newRoad joins two nodes through two addresses, or, without, directly.
func newRoad(a, b string) (*road, error) {
	from, fromTopic, err := newNode(a)
	if err != nil {
		return nil, err
	}
	to, toTopic, err := newNode(b)
	if err != nil {
		return nil, err
	}
	if a == "" {
		if err := from.Connect(context.Background(), peer.AddrInfo{ID: to.ID(), Addrs: to.Addrs()}); err != nil {
			return nil, err
		}
	}
	r := &road{out: fromTopic}
	sub, err := toTopic.Subscribe(pubsub.WithBufferSize(room))
	if err != nil {
		return nil, err
	}
	go r.listen(sub)
	for r.arrived.Load() == 0 { // until it is open
		if err := r.out.Publish(context.Background(), message()); err != nil {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(time.Second)
	return r, nil
}

func newNode(address string) (host.Host, *pubsub.Topic, error) {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport))
	if err != nil {
		return nil, nil, err
	}
	ps, err := pubsub.NewGossipSub(context.Background(), h, pubsub.WithPeerOutboundQueueSize(room), pubsub.WithValidateQueueSize(room))
	if err != nil {
		return nil, nil, err
	}
	topic, err := ps.Join(topicName)
	if err != nil || address == "" {
		return h, topic, err
	}
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return nil, nil, err
	}
	return h, topic, h.Connect(context.Background(), *info)
}

const stampAt = 40 // where in a message its time stands, in hex

func message() []byte {
	text := []byte(`{"type":"task_progress","data":{"t":"at 0000000000000000","message":"` + strings.Repeat("lorem ipsum dolor ", 52) + `"},"hop_count":1}`)
	stamp := binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixNano()))
	copy(text[stampAt:], fmt.Sprintf("%x", stamp))
	return text
}

func (r *road) listen(sub *pubsub.Subscription) {
	for {
		m, err := sub.Next(context.Background())
		if err != nil {
			return
		}
		if at, err := strconv.ParseInt(string(m.Data[stampAt:stampAt+16]), 16, 64); err == nil {
			r.note(time.Duration(time.Now().UnixNano() - at))
		}
		r.arrived.Add(1)
	}
}

// send sends n messages, one each pace, and returns when all arrived.
func (r *road) send(n int64, pace time.Duration) time.Duration {
	before := r.arrived.Load()
	r.clear()
	began := time.Now()
	for i := range n {
		time.Sleep(time.Until(began.Add(time.Duration(i) * pace)))
		for i-(r.arrived.Load()-before) > inFlight {
			time.Sleep(100 * time.Microsecond)
		}
		_ = r.out.Publish(context.Background(), message()) // what does not arrive is waited for
	}
	for r.arrived.Load()-before < n && time.Since(began) < 5*time.Minute {
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

func (r *road) note(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = append(r.late, d)
}

func (r *road) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = r.late[:0]
}

// lateness is how long messages took, on average and at two places of their order.
type lateness struct{ mean, p50, p99 time.Duration }

func (r *road) lateness() (l lateness) {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.late)
	sum := time.Duration(0)
	for _, d := range r.late {
		sum += d
	}
	n := len(r.late)
	return lateness{sum / time.Duration(max(1, n)), r.late[n/2], r.late[n*99/100]}
}
