package natsbus

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"go.cordon.dev/cordon/internal/bus"
)

const startTimeout = 5 * time.Second

// Embed starts a NATS server inside this process and joins it. The server
// opens no port and writes no file: its only client is this process.
func Embed(o Options) (*Bus, error) {
	srv, err := startServer(o.Log)
	if err != nil {
		return nil, fmt.Errorf("starting embedded NATS: %w", err)
	}
	b, err := dial("", o, func() { stopServer(srv) }, nats.InProcessServer(srv))
	if err != nil {
		stopServer(srv)
		return nil, err
	}
	return b, nil
}

func startServer(log *slog.Logger) (*server.Server, error) {
	srv, err := server.NewServer(&server.Options{
		ServerName: "cordon-embedded",
		DontListen: true,
		NoSigs:     true, // signals are the application's
		MaxPayload: bus.MaxData + envelopeRoom,
	})
	if err != nil {
		return nil, fmt.Errorf("configuring: %w", err)
	}
	if log != nil {
		srv.SetLoggerV2(serverLog{log.With("part", "nats-server")}, false, false, false)
	}
	go srv.Start()
	if !srv.ReadyForConnections(startTimeout) {
		stopServer(srv)
		return nil, errors.New("it is not ready in time")
	}
	return srv, nil
}

// envelopeRoom is what the embedded server takes beyond a payload.
const envelopeRoom = 64 << 10

func stopServer(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// serverLog hands nats-server's log on. Its notices are of no use to people
// who did not choose NATS, so they are debug lines here.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l serverLog) Errorf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l serverLog) Fatalf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Tracef(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
