package seal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/receipt"
)

// maxSealed is the largest number of entries in one call: it bounds the call's memory and time.
const maxSealed = 1 << 14

// Sealed is what a call of Seal did.
type Sealed struct {
	Size    int64 // of the log that is signed now
	Entries int64 // that were added to it
}

// Seal signs what was appended since the last checkpoint, up to maxSealed entries. Errors:
// *AlteredError; audit.ErrMoved if another call came first.
func (l *Log) Seal(ctx context.Context) (Sealed, error) {
	old, text, err := l.Checkpoint(ctx)
	if err != nil {
		return Sealed{}, err
	}
	size, err := l.Order.Size(ctx)
	switch {
	case err != nil:
		return Sealed{}, err
	case size < old.N:
		return Sealed{}, altered("%d entries were signed, and %d are left", old.N, size)
	case size == old.N:
		return Sealed{Size: size}, nil
	}
	entries, err := l.read(ctx, old.N, min(size, old.N+maxSealed))
	if err != nil {
		return Sealed{}, err
	}
	tree, err := l.grow(ctx, old.Tree, entries)
	if err != nil {
		return Sealed{}, err
	}
	return Sealed{tree.N, tree.N - old.N}, l.publish(ctx, text, torchwood.Checkpoint{Origin: old.Origin, Tree: tree})
}

// read returns the entries with places from, inclusive, to to, exclusive.
func (l *Log) read(ctx context.Context, from, to int64) ([][]byte, error) {
	entries, err := l.Order.Range(ctx, from, to)
	if missing, ok := errors.AsType[*audit.MissingError](err); ok {
		return nil, altered("entry %d is gone", missing.Place)
	}
	return entries, err
}

// publish signs a checkpoint, stores it for good and makes it the last one.
func (l *Log) publish(ctx context.Context, last string, c torchwood.Checkpoint) error {
	signed, err := note.Sign(&note.Note{Text: c.String()}, signer{l, ctx})
	if err != nil {
		return fmt.Errorf("sign a checkpoint: %w", err)
	}
	if err := l.Objects.PutFinal(ctx, receipt.CheckpointName(c.N), signed); err != nil {
		return err
	}
	return l.Order.Advance(ctx, last, string(signed), c.N)
}

// signer signs notes during one call.
type signer struct {
	*Log

	ctx context.Context //nolint:containedctx // note.Signer has no parameter for it
}

// Name implements note.Signer.
func (s signer) Name() string { return s.Key.Name() }

// KeyHash implements note.Signer.
func (s signer) KeyHash() uint32 { return s.Key.KeyHash() }

// Sign implements note.Signer.
func (s signer) Sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return s.Log.Sign(s.ctx, digest[:])
}
