package seal

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// fullWidth is the number of hashes in a full tile, and of entries in a full bundle.
const fullWidth = torchwood.TileWidth

// grow writes the tiles and bundles that the entries add to the old tree, and returns the new tree.
func (l *Log) grow(ctx context.Context, old tlog.Tree, entries [][]byte) (tlog.Tree, error) {
	g := growth{Log: l, old: old, entries: entries, fresh: map[int64]tlog.Hash{}, stored: l.tiles(ctx, old)}
	size := old.N + int64(len(entries))
	for i, data := range entries {
		place := old.N + int64(i)
		hashes, err := tlog.StoredHashes(place, data, g)
		if err != nil {
			return tlog.Tree{}, g.stored.explain(err)
		}
		for j, h := range hashes {
			g.fresh[tlog.StoredHashIndex(0, place)+int64(j)] = h
		}
	}
	for _, t := range tlog.NewTiles(torchwood.TileHeight, old.N, size) {
		if err := g.put(ctx, t); err != nil {
			return tlog.Tree{}, err
		}
	}
	root, err := tlog.TreeHash(size, g)
	return tlog.Tree{N: size, Hash: root}, g.stored.explain(err)
}

// growth is a tree that grows by entries. It reads hashes of the old tree from the stored tiles.
type growth struct {
	*Log

	old     tlog.Tree
	entries [][]byte
	fresh   map[int64]tlog.Hash // by the index of tlog.StoredHashIndex
	stored  *tileReader
}

// ReadHashes implements tlog.HashReader.
func (g growth) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	var stored []int64
	for i, index := range indexes {
		if h, ok := g.fresh[index]; ok {
			hashes[i] = h
		} else {
			stored = append(stored, index)
		}
	}
	if len(stored) == 0 {
		return hashes, nil
	}
	read, err := tlog.TileHashReader(g.old, g.stored).ReadHashes(stored)
	if err != nil {
		return nil, err
	}
	for i, index := range indexes {
		if _, ok := g.fresh[index]; !ok {
			hashes[i], read = read[0], read[1:]
		}
	}
	return hashes, nil
}

// put writes a tile, and with a tile of entries' hashes the bundle of the entries.
func (g growth) put(ctx context.Context, t tlog.Tile) error {
	data, err := tlog.ReadTileData(t, g)
	if err != nil {
		return g.stored.explain(err)
	}
	if t.L == 0 {
		bundle, err := g.bundle(ctx, t, data)
		if err != nil {
			return err
		}
		if err := g.putObject(ctx, bundlePath(t), bundle, t.W == fullWidth); err != nil {
			return err
		}
	}
	return g.putObject(ctx, torchwood.TilePath(t), data, t.W == fullWidth)
}

func (g growth) putObject(ctx context.Context, name string, data []byte, final bool) error {
	if final {
		return g.Objects.PutFinal(ctx, name, data)
	}
	return g.Objects.Put(ctx, name, data)
}

func bundlePath(t tlog.Tile) string {
	return strings.Replace(torchwood.TilePath(t), "tile/0/", "tile/entries/", 1)
}

// bundle returns the entries under a tile of level 0. Those that were signed before are read again:
// one that was changed meanwhile does not hash to the tile.
func (g growth) bundle(ctx context.Context, t tlog.Tile, hashes []byte) ([]byte, error) {
	first := t.N * fullWidth
	var all [][]byte
	if first < g.old.N {
		before, err := g.read(ctx, first, g.old.N)
		if err != nil {
			return nil, err
		}
		all = append(before, g.entries...)
	} else {
		all = g.entries[first-g.old.N:]
	}
	var bundle []byte
	for i, data := range all[:t.W] {
		if h := tlog.RecordHash(data); !bytes.Equal(h[:], hashes[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
			return nil, altered("entry %d is not what was signed", first+int64(i))
		}
		var err error
		if bundle, err = torchwood.AppendTileEntry(bundle, data); err != nil {
			return nil, err
		}
	}
	return bundle, nil
}

// tiles returns a reader of the tiles of a tree.
func (l *Log) tiles(ctx context.Context, tree tlog.Tree) *tileReader {
	return &tileReader{ctx: ctx, objects: l.Objects, tree: tree, known: map[string][]byte{}}
}

// tileReader reads stored tiles. tlog.TileHashReader checks them against the tree's root.
type tileReader struct {
	ctx     context.Context //nolint:containedctx // tlog.TileReader has no parameter for it
	objects Objects
	tree    tlog.Tree
	known   map[string][]byte // what was read, by name
	failed  error             // of the store
}

// Height implements tlog.TileReader.
func (*tileReader) Height() int { return torchwood.TileHeight }

// SaveTiles implements tlog.TileReader.
func (*tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements tlog.TileReader.
func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, t := range tiles {
		var err error
		if all[i], err = r.read(torchwood.TilePath(t)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r *tileReader) read(name string) ([]byte, error) {
	if data, ok := r.known[name]; ok {
		return data, nil
	}
	data, err := r.objects.Get(r.ctx, name)
	if errors.Is(err, ErrNoObject) {
		return nil, altered("%s is gone", name)
	}
	if err != nil {
		r.failed = err
		return nil, err
	}
	r.known[name] = data
	return data, nil
}

// explain returns what an error of reading hashes means: that the store failed, or that a tile does
// not belong to the tree.
func (r *tileReader) explain(err error) error {
	if err == nil || r.failed != nil {
		return r.failed
	}
	if _, known := errors.AsType[*AlteredError](err); known {
		return err
	}
	return altered("a stored tile is not of the tree that was signed: %v", err)
}

// hashes reads hashes of a tree from its tiles.
func (r *tileReader) hashes() tlog.HashReader { return tlog.TileHashReader(r.tree, r) }
