package seal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/audit/seal"
)

const origin = "invochain.test/audit"

var errLost = errors.New("the connection was lost")

// memory is the order, the checkpoint and the objects in memory. fault says of each write whether it
// is lost and whether its reply is.
type memory struct {
	mu         sync.Mutex
	entries    [][]byte
	checkpoint string
	objects    map[string][]byte
	final      map[string]bool
	puts       int
	fault      func() (lost, replyLost bool)
}

// newLog returns a log in memory with a new key.
func newLog(tb testing.TB) (*seal.Log, *memory) {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	m := &memory{
		objects: map[string][]byte{}, final: map[string]bool{}, fault: func() (bool, bool) { return false, false },
	}
	return &seal.Log{
		Order: m, Objects: m, Key: keyOf(tb, private),
		Sign: func(_ context.Context, digest []byte) ([]byte, error) {
			return ecdsa.SignASN1(rand.Reader, private, digest)
		},
	}, m
}

func keyOf(tb testing.TB, private *ecdsa.PrivateKey) receipt.Key {
	tb.Helper()
	spki, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	require.NoError(tb, err)
	key, err := receipt.NewKey(origin, spki)
	require.NoError(tb, err)
	return key
}

// grow appends entries until there are size.
func (m *memory) grow(size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := len(m.entries); n < size; n++ {
		m.entries = append(m.entries, entry(n))
	}
}

func entry(n int) []byte { return fmt.Appendf(nil, `{"v":1,"id":"saga-%06d","at":%d}`, n, n) }

// placed returns the entry at a place, as the register returns it.
func (m *memory) placed(place int) audit.Placed {
	m.mu.Lock()
	defer m.mu.Unlock()
	return audit.Placed{Place: int64(place), Data: m.entries[place]}
}

// write makes a change, unless it is lost.
func (m *memory) write(change func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	lost, replyLost := m.fault()
	if lost {
		return errLost
	}
	err := change()
	if replyLost {
		return errLost
	}
	return err
}

func (m *memory) Size(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.entries)), nil
}

func (m *memory) Range(_ context.Context, from, to int64) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for place := from; place < to; place++ {
		if m.entries[place] == nil {
			return nil, &audit.MissingError{Place: place}
		}
	}
	return slices.Clone(m.entries[from:to]), nil
}

func (m *memory) Checkpoint(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.checkpoint, nil
}

func (m *memory) Advance(_ context.Context, from, to string, _ int64) error {
	return m.write(func() error {
		if m.checkpoint != from {
			return audit.ErrMoved
		}
		m.checkpoint = to
		return nil
	})
}

func (m *memory) Get(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if data, ok := m.objects[name]; ok {
		return data, nil
	}
	return nil, seal.ErrNoObject
}

func (m *memory) Put(_ context.Context, name string, data []byte) error {
	return m.write(func() error {
		if m.final[name] {
			panic(name + " is final")
		}
		m.puts++
		m.objects[name] = slices.Clone(data)
		return nil
	})
}

func (m *memory) PutFinal(_ context.Context, name string, data []byte) error {
	return m.write(func() error {
		if !m.final[name] {
			m.puts++
			m.final[name], m.objects[name] = true, slices.Clone(data)
		}
		return nil
	})
}

// replace changes the text of the checkpoint.
func (m *memory) replace(old, replacement string) {
	m.checkpoint = strings.Replace(m.checkpoint, old, replacement, 1)
}

func (m *memory) names() []string { return slices.Sorted(maps.Keys(m.objects)) }

// failing is a store that cannot be read.
type failing struct{ *memory }

func (failing) Get(context.Context, string) ([]byte, error) { return nil, errLost }

// Bounds of waiting until sealing succeeds although writes are lost.
const (
	minute = time.Minute
	tick   = time.Millisecond
)

// bucket returns a copy of the objects as files.
func (m *memory) bucket() fstest.MapFS {
	files := fstest.MapFS{}
	for name, data := range m.objects {
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}
