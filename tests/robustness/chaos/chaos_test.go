package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
)

// TestClientRetriesWithTheSameKey: the client retries after a broken connection, a 502 and
// a refusal with Retry-After. It sends each attempt once, with one key and one body.
func TestClientRetriesWithTheSameKey(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodGet {
			return
		}
		mu.Lock()
		got = append(got, r.Header.Get("Idempotency-Key")+" "+string(body))
		n := len(got)
		mu.Unlock()
		switch n {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(http.StatusBadGateway)
		case 3:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusConflict)
		default:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"id":"i-1","saga_id":"s-1"}`)
		}
	}))
	t.Cleanup(server.Close)
	o, c := &order{n: 1, key: client.NewKey(), merchant: "m", body: []byte(`{}`)}, newClient(server.URL)
	l := &load{clients: map[string]*client.Client{"m": c}, orders: []*order{o}}
	// On a reused connection net/http would resend the request by itself.
	resp, err := c.HTTP.Get(server.URL) //nolint:noctx // answers at once
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	require.NoError(t, resp.Body.Close())
	began := time.Now()
	l.serve(t.Context(), o)
	want := o.key + " {}"
	require.Equal(t, []string{want, want, want, want}, got)
	require.GreaterOrEqual(t, time.Since(began), time.Second, "Retry-After")
	require.Len(t, o.attempts(), 4)
	require.Zero(t, o.attempts()[0].Status)
	require.Equal(t, "i-1", l.issued()[0].ID)
	first, later := l.served()
	require.Equal(t, []int{0, 1, 0}, []int{first, later, l.unserved()})
}

func TestTwoBodiesForOneKeyContradict(t *testing.T) {
	t.Parallel()
	one := answer{Reply: client.Reply{Status: 201, Body: []byte("a")}}
	other := answer{Reply: client.Reply{Status: 201, Body: []byte("b")}}
	failure := answer{Reply: client.Reply{Status: 503}}
	l := &load{orders: []*order{{answers: []answer{one, one}}, {answers: []answer{one, failure, other}}}}
	require.Equal(t, 1, l.contradicted())
}

// program starts a copy of a program in a folder.
func program(t *testing.T, folder, name string, args ...string) int {
	t.Helper()
	from, err := exec.LookPath(name)
	require.NoError(t, err)
	b, err := os.ReadFile(from)
	require.NoError(t, err)
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, b, 0o700))
	cmd := exec.CommandContext(t.Context(), path, args...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd.Process.Pid
}

func TestOnlyABusyFunctionIsPicked(t *testing.T) {
	t.Parallel()
	folder, elsewhere := t.TempDir(), t.TempDir()
	idle, busy := program(t, folder, "sleep", "60"), program(t, folder, "yes")
	program(t, elsewhere, "yes")
	require.ElementsMatch(t, []int{idle, busy}, functions(folder))
	for range 5 {
		pid, found := pickBusy(t.Context(), functions(folder))
		require.True(t, found)
		require.Equal(t, busy, pid)
	}
}
