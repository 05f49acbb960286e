package telemetry_test

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAReceiverThatIsDownDelaysNoInvocation: of a hundred invocations at most the first
// waits for it. Their spans arrive once it is up again, each once.
func TestAReceiverThatIsDownDelaysNoInvocation(t *testing.T) {
	t.Parallel()
	for name, down := range map[string]responseMode{
		"refuses": {false, http.StatusServiceUnavailable}, "does not respond": {false, 0},
		"accepts and does not respond": {true, 0}, "accepts and responds with an error": {true, http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setupOTLP(t)
			f.receiver.respond(down)
			took := make([]time.Duration, 100)
			for i := range took {
				started := realTime()()
				require.NoError(t, f.flushSpan())
				took[i] = time.Since(started)
			}
			slices.Sort(took)
			require.Less(t, took[94], 50*time.Millisecond, "p95; a busy machine takes its share")
			require.LessOrEqual(t, f.receiver.attempts(), 1, "no attempt before its time")
			f.clock.advance(time.Minute)
			started := realTime()()
			require.NoError(t, f.Flush(f.ctx))
			require.Less(t, time.Since(started), time.Second, "the next attempt runs in the background")
			f.receiver.respond(responseMode{true, http.StatusOK})
			f.flushUntil(t, func() bool { return f.receiver.spans() >= 100 })
			require.Equal(t, 100, f.receiver.spans())
			require.Equal(t, down.accept, f.receiver.repeated > 0, "a span that arrives twice has the same id")
		})
	}
}

// TestAReceiverThatStartsLate: at first the connection is refused.
func TestAReceiverThatStartsLate(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	f := setupSender(t, &receiver{mode: responseMode{true, http.StatusOK}}, "http://"+address)
	for range 50 {
		require.NoError(t, f.flushSpan())
	}
	l, err = lc.Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	server := &http.Server{Handler: f.receiver, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	f.flushUntil(t, func() bool { return f.receiver.spans() >= 50 })
	require.Equal(t, 50, f.receiver.spans(), "each once")
}

// TestTheSpoolIsBounded: the oldest batches are removed, and reported.
func TestTheSpoolIsBounded(t *testing.T) {
	t.Parallel()
	f := setupOTLP(t)
	f.receiver.respond(responseMode{false, http.StatusServiceUnavailable})
	const sent, kept = 1000, 256
	lost := 0
	for range sent {
		if err := f.flushSpan(); err != nil {
			require.ErrorContains(t, err, "batches of spans were lost")
			lost++
		}
	}
	require.Equal(t, sent-kept, lost)
	f.receiver.respond(responseMode{true, http.StatusOK})
	f.flushUntil(t, func() bool { return f.receiver.spans() >= kept })
}

// TestARefusedBatchIsDroppedAndReported: no attempt would succeed.
func TestARefusedBatchIsDroppedAndReported(t *testing.T) {
	t.Parallel()
	f := setupOTLP(t)
	f.receiver.respond(responseMode{false, http.StatusBadRequest})
	err := f.flushSpan()
	require.Eventually(t, func() bool { // on a busy machine the first attempt may time out
		f.clock.advance(time.Second)
		err = errors.Join(err, f.Flush(f.ctx))
		return err != nil
	}, time.Minute, 10*time.Millisecond)
	require.ErrorContains(t, err, "1 batches of spans were lost")
	f.receiver.respond(responseMode{true, http.StatusOK})
	require.NoError(t, f.flushSpan())
	f.flushUntil(t, func() bool { return f.receiver.spans() > 0 })
	require.Equal(t, 1, f.receiver.spans())
}
