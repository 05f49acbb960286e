package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/invochain/invochain/shared/durable/saga"
)

// serve runs sagas over HTTP: POST /sagas/ID/ok or /sagas/ID/fail runs one and responds
// with 200, or with 409 once it is compensated; GET /open returns how many have not ended.
// Recovery runs every second.
func serve(ctx context.Context, r *runner, address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sagas/{id}/{how}", func(w http.ResponseWriter, q *http.Request) {
		err := r.run(q.Context(), q.PathValue("id"), q.PathValue("how") == "fail")
		switch {
		case saga.IsRefusal(err):
			w.WriteHeader(http.StatusConflict)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /open", func(w http.ResponseWriter, q *http.Request) {
		stats, err := r.sagas.Stats(q.Context(), 10_000)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, strconv.Itoa(stats.InFlight))
	})
	go r.recovery(ctx)
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: time.Second}
	return server.ListenAndServe()
}

// recovery recovers the sagas of an earlier process.
func (r *runner) recovery(ctx context.Context) {
	for tick := time.NewTicker(time.Second); ; <-tick.C {
		due, err := r.sagas.Due(ctx, 100)
		for _, s := range due {
			err = errors.Join(err, r.recover(ctx, s))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "recovery: "+err.Error())
		}
	}
}

// recover completes a committed saga and compensates every step of any other: a step
// without a recorded outcome may have been done.
func (r *runner) recover(ctx context.Context, s saga.Record) error {
	var err error
	switch s.State {
	case saga.Committed:
		return r.sagas.Complete(ctx, s.SagaID)
	case saga.Begun:
		s, err = r.sagas.Abandon(ctx, s, []string{"4", "3", "2", "1"})
	default:
		s, err = r.sagas.Redrive(ctx, s)
	}
	if err != nil || s.State != saga.Compensating {
		return err
	}
	return r.compensate(ctx, s)
}
