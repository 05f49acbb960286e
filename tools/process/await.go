package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"time"
)

// Await calls check at once and then after each interval until it is done, and returns
// check's error. After limit, or when ctx ends, Await returns the context's error together
// with the last error of check.
func Await(ctx context.Context, limit, interval time.Duration, check func() (done bool, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		done, err := check()
		if done {
			return err
		}
		select {
		case <-ctx.Done():
			if err == nil {
				return fmt.Errorf("not done within %s: %w", limit, ctx.Err())
			}
			return fmt.Errorf("not done within %s: %w (last error: %w)", limit, ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// AwaitAnswer waits until a program answers a GET of url as Get requires. It returns an
// error with the end of the program's log if the program exits or does not answer within
// limit.
func (f Folder) AwaitAnswer(ctx context.Context, name, url string, limit time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := Await(limited, limit, 50*time.Millisecond, func() (bool, error) {
		_, err := Get(limited, url)
		if err == nil {
			return true, nil
		}
		_, running := f.Running(name)
		return !running, err
	})
	switch _, running := f.Running(name); {
	case err == nil || ctx.Err() != nil:
		return ctx.Err()
	case !running:
		return fmt.Errorf("%s exited:\n%s", name, f.LogTail(name))
	default:
		return fmt.Errorf("%s does not answer at %s: %w\n%s", name, url, err, f.LogTail(name))
	}
}

// getTimeout bounds a request. It is long because the first answer of a function on a busy
// machine may take long.
const getTimeout = 2 * time.Minute

// Get returns the body that a GET of url is answered with. It returns an error if no server
// listens or the status is 500 or above.
func Get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, getTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "", fmt.Errorf("no server listens at %s", req.URL.Host)
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusInternalServerError {
		err = fmt.Errorf("%s answered %s: %s", url, resp.Status, body)
	}
	return string(body), err
}
