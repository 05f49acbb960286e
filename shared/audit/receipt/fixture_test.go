package receipt_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"testing"

	"filippo.io/torchwood"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/invochain/invochain/shared/audit/commitment"
	"github.com/invochain/invochain/shared/audit/receipt"
)

const origin = "invochain.test/audit"

// log is a log in memory.
type log struct {
	private *ecdsa.PrivateKey
	key     receipt.Key
	entries [][]byte
	hashes  []tlog.Hash
}

func newLog(t *testing.T) *log {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return &log{private: private, key: keyOf(t, origin, private)}
}

func keyOf(t *testing.T, origin string, private *ecdsa.PrivateKey) receipt.Key {
	t.Helper()
	spki, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	require.NoError(t, err)
	key, err := receipt.NewKey(origin, spki)
	require.NoError(t, err)
	return key
}

// ReadHashes implements tlog.HashReader.
func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	all := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		all[i] = l.hashes[index]
	}
	return all, nil
}

// add appends an entry that commits to the document of an invoice, and returns its place.
func (l *log) add(t *testing.T, salt []byte, id string) int64 {
	t.Helper()
	sum := hex.EncodeToString(commitment.Of(salt, []byte(document(id))))
	data := fmt.Appendf(nil, `{"v":1,"id":"saga-%s","invoice_id":"%s","document":"%s"}`, id, id, sum)
	hashes, err := tlog.StoredHashes(int64(len(l.entries)), data, l)
	require.NoError(t, err)
	l.entries, l.hashes = append(l.entries, data), append(l.hashes, hashes...)
	return int64(len(l.entries)) - 1
}

func document(id string) string { return fmt.Sprintf(`{"id":"%s","total":118.00}`, id) }

// Name, KeyHash and Sign implement note.Signer.
func (l *log) Name() string    { return l.key.Name() }
func (l *log) KeyHash() uint32 { return l.key.KeyHash() }
func (l *log) Sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return ecdsa.SignASN1(rand.Reader, l.private, digest[:])
}

// checkpoint returns the signed checkpoint of the log with another origin, if it is given.
func (l *log) checkpoint(t *testing.T, size int64, origins ...string) []byte {
	t.Helper()
	root, err := tlog.TreeHash(size, l)
	require.NoError(t, err)
	c := torchwood.Checkpoint{Origin: origin, Tree: tlog.Tree{N: size, Hash: root}}
	for _, o := range origins {
		c.Origin = o
	}
	signed, err := note.Sign(&note.Note{Text: c.String()}, l)
	require.NoError(t, err)
	return signed
}

// prove returns the receipt of the document at a place in the log as it is.
func (l *log) prove(t *testing.T, place int64, salt []byte, id string) receipt.Receipt {
	t.Helper()
	size := int64(len(l.entries))
	proof, err := tlog.ProveRecord(size, place, l)
	require.NoError(t, err)
	text := torchwood.FormatProofWithExtraData(place, l.entries[place], proof, l.checkpoint(t, size))
	return receipt.Receipt{Proof: string(text), Salt: salt, Document: document(id)}
}

// since adds the proof that the log continues the one of a size.
func (l *log) since(t *testing.T, r receipt.Receipt, size int64) receipt.Receipt {
	t.Helper()
	hashes, err := tlog.ProveTree(int64(len(l.entries)), size, l)
	require.NoError(t, err)
	r.Consistency = &receipt.Consistency{Since: size}
	for _, h := range hashes {
		r.Consistency.Hashes = append(r.Consistency.Hashes, h[:])
	}
	return r
}
