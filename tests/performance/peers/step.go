package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// lastStep is the number of a saga's last step; the first is 1.
const lastStep = 4

// stepServer serves the steps of all sagas and records their effects: POST /do/ID/N,
// /undo/ID/N, or /refuse/ID/N, which responds with 409 and does nothing.
type stepServer struct {
	url string

	mu    sync.Mutex
	sagas map[string]*effects
}

// effects are those of one saga's steps.
type effects struct {
	done [lastStep + 1]bool // done and not undone
	runs [lastStep + 1]int
}

// fate is the state of a saga according to the effects of its steps.
type fate string

const (
	allDone   fate = "done"
	allUndone fate = "undone"
	halfDone  fate = "half"
)

func startSteps(ctx context.Context) (*stepServer, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &stepServer{url: "http://" + l.Addr().String(), sagas: map[string]*effects{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/{what}/{id}/{n}", func(w http.ResponseWriter, r *http.Request) {
		n := strings.Index("-1234", r.PathValue("n"))
		if what := r.PathValue("what"); n < 1 || !s.apply(what, r.PathValue("id"), n) {
			w.WriteHeader(http.StatusConflict)
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return s, nil
}

// apply does or undoes a step and reports whether it did.
func (s *stepServer) apply(what, id string, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.sagas[id]
	if t == nil {
		t = &effects{}
		s.sagas[id] = t
	}
	switch what {
	case "do":
		t.done[n] = true
		t.runs[n]++
	case "undo":
		t.done[n] = false
	default:
		return false
	}
	return true
}

// fate returns a saga's fate; begun is false if none of its steps was ever called.
func (s *stepServer) fate(id string) (f fate, begun bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.sagas[id]
	if t == nil {
		return allUndone, false
	}
	left := 0
	for _, done := range t.done {
		if done {
			left++
		}
	}
	switch left {
	case 0:
		return allUndone, true
	case lastStep:
		return allDone, true
	default:
		return halfDone, true
	}
}

// reruns counts the runs of a saga's steps beyond the first of each.
func (s *stepServer) reruns(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	extra := 0
	if t := s.sagas[id]; t != nil {
		for _, runs := range t.runs {
			extra += max(0, runs-1)
		}
	}
	return extra
}
