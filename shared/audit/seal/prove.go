package seal

import (
	"context"
	"errors"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/receipt"
)

// Errors of Prove.
var (
	// ErrNotSealed means that the entry is in the log, and the log has not been signed since.
	ErrNotSealed = errors.New("the entry has not been sealed yet")
	// ErrSince means that the log had never signed a tree of the size since which is asked for.
	ErrSince = errors.New("since is larger than the log")
)

// Prove returns the proof that an entry is in the log as it was signed last (C2SP tlog-proof), and
// that this log continues the one which had since entries, if since is not 0. Errors: ErrNotSealed,
// ErrSince, *AlteredError.
func (l *Log) Prove(ctx context.Context, e audit.Placed, since int64) (string, *receipt.Consistency, error) {
	c, text, err := l.Checkpoint(ctx)
	if err != nil {
		return "", nil, err
	}
	if e.Place >= c.N {
		return "", nil, ErrNotSealed
	}
	tiles := l.tiles(ctx, c.Tree)
	proof, err := tlog.ProveRecord(c.N, e.Place, tiles.hashes())
	if err != nil {
		return "", nil, tiles.explain(err)
	}
	if tlog.CheckRecord(proof, c.N, c.Hash, e.Place, tlog.RecordHash(e.Data)) != nil {
		return "", nil, altered("entry %d is not what was signed", e.Place)
	}
	consistency, err := proveSince(tiles, since)
	return string(torchwood.FormatProofWithExtraData(e.Place, e.Data, proof, []byte(text))), consistency, err
}

func proveSince(tiles *tileReader, since int64) (*receipt.Consistency, error) {
	switch {
	case since == 0:
		return nil, nil //nolint:nilnil // no proof was asked for
	case since > tiles.tree.N:
		return nil, ErrSince
	}
	hashes, err := tlog.ProveTree(tiles.tree.N, since, tiles.hashes())
	if err != nil {
		return nil, tiles.explain(err)
	}
	proof := &receipt.Consistency{Since: since, Hashes: make([][]byte, len(hashes))}
	for i, h := range hashes {
		proof.Hashes[i] = h[:]
	}
	return proof, nil
}
