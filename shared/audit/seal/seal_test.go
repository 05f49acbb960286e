package seal_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/audit/seal"
)

// TestReceiptsAtEverySize: around the edges of tiles, each receipt verifies, and each tree continues
// those before it.
func TestReceiptsAtEverySize(t *testing.T) {
	t.Parallel()
	log, m := newLog(t)
	var sizes []int64
	for _, size := range []int{1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 1000, 65535, 65536, 65537, 66000} {
		m.grow(size)
		for {
			s, err := log.Seal(t.Context())
			require.NoError(t, err)
			if s.Size == int64(size) {
				break
			}
		}
		for _, place := range []int{0, size / 2, size - 1} {
			checkReceipt(t, log, m, place, sizes)
		}
		sizes = append(sizes, int64(size))
	}
}

// checkReceipt checks the receipt of the entry at a place, and that its tree continues those of sizes.
func checkReceipt(t *testing.T, log *seal.Log, m *memory, place int, sizes []int64) {
	t.Helper()
	for _, since := range append(sizes, 0) {
		proof, consistency, err := log.Prove(t.Context(), m.placed(place), since)
		require.NoError(t, err)
		v, err := receipt.Verify(log.Key, receipt.Receipt{Proof: proof})
		require.NoError(t, err)
		require.Equal(t, string(entry(place)), string(v.Entry))
		if since == 0 {
			continue
		}
		earlier, err := log.Key.Checkpoint(m.objects[receipt.CheckpointName(since)])
		if err != nil { // a size at which the log was not signed: sealed in parts
			continue
		}
		require.NoError(t, receipt.CheckConsistent(earlier, v, consistency))
	}
	proof, _, err := log.Prove(t.Context(), m.placed(place), 0)
	require.NoError(t, err)
	other := strings.Replace(proof, "\nindex ", "\nindex 1", 1)
	require.NotEqual(t, proof, other)
	_, err = receipt.Verify(log.Key, receipt.Receipt{Proof: other})
	require.Error(t, err, "another place")
}

func TestNothingNewIsSealedWithoutAWrite(t *testing.T) {
	t.Parallel()
	log, m := newLog(t)
	m.grow(300)
	s, err := log.Seal(t.Context())
	require.NoError(t, err)
	require.Equal(t, seal.Sealed{Size: 300, Entries: 300}, s)
	puts := m.puts
	s, err = log.Seal(t.Context())
	require.NoError(t, err)
	require.Equal(t, seal.Sealed{Size: 300}, s)
	require.Equal(t, puts, m.puts)
}

func TestAnEntryIsNotSealedAtFirst(t *testing.T) {
	t.Parallel()
	log, m := newLog(t)
	m.grow(3)
	_, _, err := log.Prove(t.Context(), m.placed(2), 0)
	require.ErrorIs(t, err, seal.ErrNotSealed)
	_, err = log.Seal(t.Context())
	require.NoError(t, err)
	_, _, err = log.Prove(t.Context(), m.placed(2), 4)
	require.ErrorIs(t, err, seal.ErrSince)
	m.grow(4)
	_, _, err = log.Prove(t.Context(), m.placed(3), 0)
	require.ErrorIs(t, err, seal.ErrNotSealed)
}

// TestWhatWasAlteredIsFound: by the next seal, or by the receipt of what was altered.
func TestWhatWasAlteredIsFound(t *testing.T) {
	t.Parallel()
	for name, alter := range map[string]func(*memory){
		"a tile":                    func(m *memory) { m.objects["tile/0/001.p/44"][5] ^= 1 },
		"a tile above":              func(m *memory) { m.objects["tile/1/000.p/1"][5] ^= 1 },
		"a tile that is gone":       func(m *memory) { delete(m.objects, "tile/0/001.p/44") },
		"the checkpoint's size":     func(m *memory) { m.replace("\n300\n", "\n299\n") },
		"the checkpoint's origin":   func(m *memory) { m.replace(origin, "another") },
		"the checkpoint by garbage": func(m *memory) { m.checkpoint = "garbage" },
		"an entry":                  func(m *memory) { m.entries[260] = bytes.ToUpper(m.entries[260]) },
		"an entry of before":        func(m *memory) { m.entries[3] = bytes.ToUpper(m.entries[3]) },
		"an entry that is gone":     func(m *memory) { m.entries[260] = nil },
		"two entries, swapped":      func(m *memory) { m.entries[260], m.entries[261] = m.entries[261], m.entries[260] },
		"the last entries, removed": func(m *memory) { m.entries = m.entries[:298] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, m := newLog(t)
			m.grow(300)
			_, err := log.Seal(t.Context())
			require.NoError(t, err)
			alter(m)
			if len(m.entries) == 300 {
				m.grow(302)
			}
			_, err = log.Seal(t.Context())
			if err == nil {
				_, _, err = log.Prove(t.Context(), m.placed(3), 0)
			}
			var altered *seal.AlteredError
			require.ErrorAs(t, err, &altered)
		})
	}
}

// TestAFailingStoreIsNoAlteration: what cannot be read has not been altered.
func TestAFailingStoreIsNoAlteration(t *testing.T) {
	t.Parallel()
	log, m := newLog(t)
	m.grow(300)
	_, err := log.Seal(t.Context())
	require.NoError(t, err)
	log.Objects = failing{m}
	m.grow(301)
	_, err = log.Seal(t.Context())
	require.ErrorIs(t, err, errLost)
	_, _, err = log.Prove(t.Context(), m.placed(3), 0)
	require.ErrorIs(t, err, errLost)
}

// TestFaults: four append and seal at once, and writes and replies are lost. Then every
// entry has a receipt, and every checkpoint that was ever signed is of the same log.
func TestFaults(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		log, m := newLog(t)
		random := rand.New(rand.NewPCG(seed, 1))
		m.fault = func() (bool, bool) {
			n := random.IntN(10)
			return n == 0, n == 1
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					m.mu.Lock()
					n := len(m.entries) + 1 + random.IntN(9)
					m.mu.Unlock()
					m.grow(n)
					_, _ = log.Seal(t.Context())
				}
			})
		}
		wg.Wait()
		require.Eventually(t, func() bool {
			s, err := log.Seal(t.Context())
			return err == nil && s.Size == int64(len(m.entries))
		}, minute, tick, "seed %d", seed)
		checkAllCheckpoints(t, log, m)
		for place := range m.entries {
			proof, _, err := log.Prove(t.Context(), m.placed(place), 0)
			require.NoError(t, err)
			_, err = receipt.Verify(log.Key, receipt.Receipt{Proof: proof})
			require.NoError(t, err)
		}
	}
}

// checkAllCheckpoints checks that each signed tree is the one of its size.
func checkAllCheckpoints(t *testing.T, log *seal.Log, m *memory) {
	t.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		all := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			all[i] = hashes[index]
		}
		return all, nil
	})
	for place, data := range m.entries {
		more, err := tlog.StoredHashes(int64(place), data, reader)
		require.NoError(t, err)
		hashes = append(hashes, more...)
	}
	signed := 0
	for _, name := range m.names() {
		if !strings.HasPrefix(name, "checkpoints/") {
			continue
		}
		c, err := log.Key.Checkpoint(m.objects[name])
		require.NoError(t, err)
		root, err := tlog.TreeHash(c.N, reader)
		require.NoError(t, err)
		require.Equal(t, root, c.Hash, name)
		signed++
	}
	require.Greater(t, signed, 2)
}

// TestSizeOfAReceipt prints the size of a receipt of a log with a million entries, and checks it: with
// a real entry it has at most 2 KB.
func TestSizeOfAReceipt(t *testing.T) {
	t.Parallel()
	log, m := newLog(t)
	m.grow(1_000_000)
	for size := int64(0); size < 1_000_000; {
		s, err := log.Seal(t.Context())
		require.NoError(t, err)
		size = s.Size
	}
	proof, _, err := log.Prove(t.Context(), m.placed(421_337), 0)
	require.NoError(t, err)
	const realEntry = 480 // bytes of an entry with all fields of an invoice
	size := len(proof) + (realEntry-len(entry(421_337)))*4/3
	t.Logf("a receipt of 1,000,000 entries has %d bytes", size)
	require.LessOrEqual(t, size, 2048)
}

func BenchmarkVerify(b *testing.B) {
	log, m := newLog(b)
	m.grow(10_000)
	_, err := log.Seal(b.Context())
	require.NoError(b, err)
	proof, _, err := log.Prove(b.Context(), m.placed(4321), 0)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := receipt.Verify(log.Key, receipt.Receipt{Proof: proof}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestACopyOfTheBucket verifies, and does not once one byte of it is changed.
func TestACopyOfTheBucket(t *testing.T) {
	t.Parallel()
	log, m := newLog(t)
	for _, size := range []int{3, 300, 700} {
		m.grow(size)
		_, err := log.Seal(t.Context())
		require.NoError(t, err)
	}
	whole, err := receipt.VerifyAll(log.Key, m.bucket())
	require.NoError(t, err)
	require.Equal(t, receipt.Whole{Entries: 700, Checkpoints: 3}, whole)
	for _, name := range []string{
		"checkpoints/00000000000000000300", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2",
		"tile/entries/000", "tile/entries/002.p/188",
	} {
		copied := m.bucket()
		data := slices.Clone(copied[name].Data)
		data[len(data)/2] ^= 1 // the last character of a signature in base64 may have bits that say nothing
		copied[name] = &fstest.MapFile{Data: data}
		_, err := receipt.VerifyAll(log.Key, copied)
		require.Error(t, err, name)
		delete(copied, name)
		_, err = receipt.VerifyAll(log.Key, copied)
		if !strings.HasPrefix(name, "checkpoints/") {
			require.Error(t, err, name)
		}
	}
}

// TestFinalObjects: full tiles and bundles and each checkpoint are final, the rest is not.
func TestFinalObjects(t *testing.T) {
	t.Parallel()
	log, m := newLog(t)
	m.grow(300)
	_, err := log.Seal(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"checkpoints/00000000000000000300", "tile/0/000", "tile/entries/000"},
		slices.Sorted(maps.Keys(m.final)))
	require.Subset(t, m.names(), []string{"tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"})
}
