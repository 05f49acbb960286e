// Command probe is a function whose behavior the tests choose: by PROBE_INIT during its
// start and by the event of each invocation. test_sandbox.py builds and runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// order is the event.
type order struct {
	Do   string `json:"do"`
	N    int    `json:"n"`
	Name string `json:"name"`
}

// report is the response.
type report struct {
	PID       int    `json:"pid"`
	Said      string `json:"said"`
	LeftMS    int64  `json:"left_ms"`
	RequestID string `json:"request_id"`
	Ticks     int64  `json:"ticks"`
}

func main() {
	switch os.Getenv("PROBE_INIT") {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("in init")
	case "hang":
		time.Sleep(time.Minute)
	case "slow":
		time.Sleep(300 * time.Millisecond)
	}
	if first := os.Getenv("PROBE_ONCE"); first != "" && os.Mkdir(first, 0o700) == nil {
		os.Exit(4) // the first process that finds the folder missing
	}
	var ticks int64
	go func() {
		for range time.Tick(5 * time.Millisecond) {
			ticks++
		}
	}()
	lambda.Start(func(ctx context.Context, o order) (report, error) {
		call, _ := lambdacontext.FromContext(ctx)
		end, _ := ctx.Deadline()
		r := report{PID: os.Getpid(), LeftMS: time.Until(end).Milliseconds(), RequestID: call.AwsRequestID, Ticks: ticks}
		var err error
		r.Said, err = o.follow()
		return r, err
	})
}

func (o order) follow() (string, error) {
	switch o.Do {
	case "panic":
		panic("as requested")
	case "exit":
		os.Exit(o.N)
	case "fail":
		return "", errors.New("as requested")
	case "sleep":
		time.Sleep(time.Duration(o.N) * time.Millisecond)
	case "env":
		return os.Getenv(o.Name), nil
	case "print":
		fmt.Println(o.Name)
		fmt.Fprintln(os.Stderr, o.Name)
	case "big":
		return strings.Repeat("x", o.N), nil
	case "linger": // answers and exits after N microseconds
		go func() { time.Sleep(time.Duration(o.N) * time.Microsecond); os.Exit(5) }()
	}
	return o.Do, nil
}
