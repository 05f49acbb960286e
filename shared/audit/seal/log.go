package seal

import (
	"context"
	"errors"
	"fmt"

	"filippo.io/torchwood"

	"github.com/invochain/invochain/shared/audit/receipt"
)

type (
	// Order is the order of the entries, and the checkpoint that was signed last: an *audit.Log.
	Order interface {
		Size(ctx context.Context) (int64, error)
		Range(ctx context.Context, from, to int64) ([][]byte, error)
		Checkpoint(ctx context.Context) (string, error)
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

// ErrNoObject means that Objects has no object with a name.
var ErrNoObject = errors.New("no such object")

// AlteredError means that what the log signed is not what is stored.
type AlteredError struct{ What string }

func (e *AlteredError) Error() string { return "the audit log was altered: " + e.What }

func altered(format string, args ...any) error { return &AlteredError{fmt.Sprintf(format, args...)} }

// Log is an audit log that is signed.
type Log struct {
	Order   Order
	Objects Objects
	Key     receipt.Key
	// Sign returns the signature of a SHA-256 digest by Key, in DER. A Log that only reads has none.
	Sign func(ctx context.Context, digest []byte) ([]byte, error)
}

// Checkpoint returns the checkpoint that was signed last, verified, and its text; one of size 0
// before the first. Error: *AlteredError.
func (l *Log) Checkpoint(ctx context.Context) (torchwood.Checkpoint, string, error) {
	text, err := l.Order.Checkpoint(ctx)
	if err != nil || text == "" {
		return torchwood.Checkpoint{Origin: l.Key.Name()}, "", err
	}
	c, err := l.Key.Checkpoint([]byte(text))
	if err != nil {
		return torchwood.Checkpoint{}, "", altered("the last checkpoint does not verify: %v", err)
	}
	return c, text, nil
}
