package process_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/process"
)

func TestAwaitUntilDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, calls := time.Now(), 0
		err := process.Await(t.Context(), time.Minute, time.Second, func() (bool, error) {
			calls++
			return calls == 3, nil
		})
		require.NoError(t, err)
		require.Equal(t, 2*time.Second, time.Since(began))
	})
}

func TestAwaitReturnsTheErrorOfADoneCheck(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	err := process.Await(t.Context(), time.Minute, time.Second, func() (bool, error) { return true, broken })
	require.Equal(t, broken, err)
}

func TestAwaitTimesOutWithTheLastError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, notYet := time.Now(), errors.New("not yet")
		err := process.Await(t.Context(), time.Minute, time.Second, func() (bool, error) { return false, notYet })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, notYet)
		require.Equal(t, time.Minute, time.Since(began))
	})
}

func TestAwaitAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/failing" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(server.Close)
	for name, c := range map[string]struct {
		command []string
		path    string
		want    string
	}{
		"answers":        {[]string{"sleep", "60"}, "/", ""},
		"answers by 500": {[]string{"sleep", "60"}, "/failing", "p does not answer at " + server.URL + "/failing"},
		"exits":          {[]string{"sh", "-c", "echo no port"}, "/failing", "p exited:\nno port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			_, err := f.Start(t.Context(), process.Program{Name: "p", Command: c.command})
			require.NoError(t, err)
			t.Cleanup(func() { _, _ = f.Stop(t.Context(), "p") })
			err = f.AwaitAnswer(t.Context(), "p", server.URL+c.path, time.Second)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestGetWithoutAServer(t *testing.T) {
	t.Parallel()
	_, err := process.Get(t.Context(), "http://127.0.0.1:1/")
	require.EqualError(t, err, "no server listens at 127.0.0.1:1")
}
