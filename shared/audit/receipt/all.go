package receipt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// Whole is what VerifyAll verified.
type Whole struct {
	Entries     int64
	Checkpoints int
}

// CheckpointName returns the name of the checkpoint of a size in the log's bucket. The largest name is
// that of the last one.
func CheckpointName(size int64) string { return fmt.Sprintf("checkpoints/%020d", size) }

// VerifyAll verifies a copy of the log's bucket: that every entry is under the last checkpoint, that
// every tile is right, and that every checkpoint that was ever signed is of this log. It holds
// some 100 bytes for an entry.
func VerifyAll(key Key, bucket fs.FS) (Whole, error) {
	checkpoints, err := readCheckpoints(key, bucket)
	if err != nil {
		return Whole{}, err
	}
	last := checkpoints[len(checkpoints)-1]
	tree := hashes{}
	for first := int64(0); first < last.N; first += torchwood.TileWidth {
		if err := tree.addBundle(bucket, first, min(last.N-first, torchwood.TileWidth)); err != nil {
			return Whole{}, err
		}
	}
	if err := tree.checkTiles(bucket, last.N); err != nil {
		return Whole{}, err
	}
	for _, c := range checkpoints {
		if err := tree.check(c); err != nil {
			return Whole{}, err
		}
	}
	return Whole{last.N, len(checkpoints)}, nil
}

// hashes are those of a whole tree, by their index in tlog.StoredHashIndex.
type hashes struct{ all []tlog.Hash }

// ReadHashes implements tlog.HashReader.
func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h.all)) {
			return nil, fmt.Errorf("the log has no hash %d", index)
		}
		found[i] = h.all[index]
	}
	return found, nil
}

// addBundle adds the entries of the bundle that begins with a place.
func (h *hashes) addBundle(bucket fs.FS, first, width int64) error {
	tile := tlog.Tile{H: torchwood.TileHeight, L: -1, N: first / torchwood.TileWidth, W: int(width)}
	bundle, err := fs.ReadFile(bucket, torchwood.TilePath(tile))
	if err != nil {
		return err
	}
	for i := range width {
		var entry []byte
		if entry, bundle, err = torchwood.ReadTileEntry(bundle); err != nil {
			return fmt.Errorf("%s: %w", torchwood.TilePath(tile), err)
		}
		more, err := tlog.StoredHashes(first+i, entry, h)
		if err != nil {
			return err
		}
		h.all = append(h.all, more...)
	}
	if len(bundle) > 0 {
		return fmt.Errorf("%s: more than its entries", torchwood.TilePath(tile))
	}
	return nil
}

// check checks that the tree of a checkpoint is this one.
func (h *hashes) check(c torchwood.Checkpoint) error {
	root, err := tlog.TreeHash(c.N, h)
	if err != nil {
		return err
	}
	if root != c.Hash {
		return fmt.Errorf("the checkpoint of %d entries is not of these entries", c.N)
	}
	return nil
}

// checkTiles checks the tiles that prove entries of a tree.
func (h *hashes) checkTiles(bucket fs.FS, size int64) error {
	for _, t := range tlog.NewTiles(torchwood.TileHeight, 0, size) {
		want, err := tlog.ReadTileData(t, h)
		if err != nil {
			return err
		}
		got, err := fs.ReadFile(bucket, torchwood.TilePath(t))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s is not of these entries", torchwood.TilePath(t))
		}
	}
	return nil
}

// readCheckpoints returns all checkpoints, verified, in the order of their sizes.
func readCheckpoints(key Key, bucket fs.FS) ([]torchwood.Checkpoint, error) {
	names, err := fs.Glob(bucket, "checkpoints/*") // sorted
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("no checkpoint in the folder checkpoints")
	}
	checkpoints := make([]torchwood.Checkpoint, len(names))
	for i, name := range names {
		signed, err := fs.ReadFile(bucket, name)
		if err != nil {
			return nil, err
		}
		c, err := key.Checkpoint(signed)
		if err == nil && name != CheckpointName(c.N) {
			err = errors.New("it has the name of another")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		checkpoints[i] = c
	}
	return checkpoints, nil
}
