// Command dbos runs sagas as workflows of DBOS Transact on SQLite, as a server:
//
//	dbos DATABASE ADDRESS STEPS
//
// POST /sagas/ID/ok or /sagas/ID/fail runs one and responds with 200, or with 409 once it
// is undone; GET /open returns how many have not ended. When it starts, it recovers the
// sagas of an earlier process.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	_ "github.com/dbos-inc/dbos-transact-golang/dbos/driver/sqlite"
)

const lastStep = 4

var (
	errUsage   = errors.New("usage: dbos DATABASE ADDRESS STEPS")
	errRefused = errors.New("refused")
)

type input struct {
	ID, Steps string
	Fails     bool
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dbos: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errUsage
	}
	flows, err := dbos.NewContext(ctx, dbos.Config{
		AppName: "peer", DatabaseURL: "sqlite:" + args[0], Logger: slog.New(slog.DiscardHandler),
		ApplicationVersion: "1", ExecutorID: "peer",
	})
	if err != nil {
		return err
	}
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = 64
	}
	dbos.RegisterWorkflow(flows, saga)
	if err := dbos.Launch(flows); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sagas/{id}/{how}", func(w http.ResponseWriter, r *http.Request) {
		in := input{ID: r.PathValue("id"), Steps: args[2], Fails: r.PathValue("how") == "fail"}
		answer(w, begin(flows, in))
	})
	mux.HandleFunc("GET /open", func(w http.ResponseWriter, _ *http.Request) {
		open, err := dbos.ListWorkflows(flows,
			dbos.WithFilterStatus(dbos.WorkflowStatusPending, dbos.WorkflowStatusEnqueued),
			dbos.WithFilterLoadInput(false), dbos.WithFilterLoadOutput(false))
		if err != nil {
			answer(w, err)
			return
		}
		fmt.Fprint(w, len(open))
	})
	server := &http.Server{Addr: args[1], Handler: mux, ReadHeaderTimeout: time.Second}
	return server.ListenAndServe()
}

func begin(flows dbos.Context, in input) error {
	handle, err := dbos.RunWorkflow(flows, saga, in, dbos.WithWorkflowID(in.ID))
	if err != nil {
		return err
	}
	result, err := handle.GetResult()
	if err == nil && result == "undone" {
		return errRefused
	}
	return err
}

func answer(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errRefused):
		w.WriteHeader(http.StatusConflict)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// saga does four steps. If one fails, it undoes the earlier ones in reverse.
func saga(ctx dbos.Context, in input) (string, error) {
	for n := 1; n <= lastStep; n++ {
		do := "do"
		if in.Fails && n == lastStep {
			do = "refuse"
		}
		if _, err := call(ctx, in, do, n); err == nil {
			continue
		}
		for ; n > 1; n-- {
			if _, err := call(ctx, in, "undo", n-1); err != nil {
				return "", err
			}
		}
		return "undone", nil
	}
	return "done", nil
}

func call(ctx dbos.Context, in input, what string, n int) (string, error) {
	url := fmt.Sprintf("%s/%s/%s/%d", in.Steps, what, in.ID, n)
	return dbos.RunAsStep(ctx, func(ctx context.Context) (string, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
		if err != nil {
			return "", err
		}
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", err
		}
		defer reply.Body.Close()
		_, _ = io.Copy(io.Discard, reply.Body)
		if reply.StatusCode != http.StatusOK {
			return "", errRefused
		}
		return "", nil
	}, dbos.WithStepName(fmt.Sprintf("%s-%d", what, n)))
}
