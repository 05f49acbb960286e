package seal

import (
	"context"
	"errors"
	"fmt"

	"filippo.io/torchwood"

	"github.com/invochain/invochain/shared/audit/receipt"
)

type (
	// Order is the order of the entries: an *audit.Log.
	Order interface {
		Size(ctx context.Context) (int64, error)
		Range(ctx context.Context, from, to int64) ([][]byte, error)
	}
	// Checkpoints keeps the checkpoint that was signed last.
	Checkpoints interface {
		// Last returns the checkpoint, strongly consistent; empty before the first.
		Last(ctx context.Context) (string, error)
		// Advance replaces the checkpoint from by to. Error: ErrMoved if another is there.
		Advance(ctx context.Context, from, to string, size int64) error
	}
	// Objects keeps tiles, bundles and checkpoints.
	Objects interface {
		// Get returns an object. Error: ErrNoObject.
		Get(ctx context.Context, name string) ([]byte, error)
		// Put writes an object that will be superseded.
		Put(ctx context.Context, name string, data []byte) error
		// PutFinal writes an object that never changes. One that exists is left as it is.
		PutFinal(ctx context.Context, name string, data []byte) error
	}
)

// Errors of the interfaces.
var (
	ErrMoved    = errors.New("another checkpoint was signed meanwhile")
	ErrNoObject = errors.New("no such object")
)

// AlteredError means that what the log signed is not what is stored.
type AlteredError struct{ What string }

func (e *AlteredError) Error() string { return "the audit log was altered: " + e.What }

func altered(format string, args ...any) error { return &AlteredError{fmt.Sprintf(format, args...)} }

// Log is an audit log that is signed.
type Log struct {
	Order       Order
	Checkpoints Checkpoints
	Objects     Objects
	Key         receipt.Key
	// Sign returns the signature of a SHA-256 digest by Key, in DER. A Log that only reads has none.
	Sign func(ctx context.Context, digest []byte) ([]byte, error)
}

// Checkpoint returns the checkpoint that was signed last, verified, and its text; one of size 0
// before the first. Error: *AlteredError.
func (l *Log) Checkpoint(ctx context.Context) (torchwood.Checkpoint, string, error) {
	text, err := l.Checkpoints.Last(ctx)
	if err != nil || text == "" {
		return torchwood.Checkpoint{Origin: l.Key.Name()}, "", err
	}
	c, err := l.Key.Checkpoint([]byte(text))
	if err != nil {
		return torchwood.Checkpoint{}, "", altered("the last checkpoint does not verify: %v", err)
	}
	return c, text, nil
}
