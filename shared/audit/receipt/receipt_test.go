package receipt_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/invochain/invochain/shared/audit/commitment"
	"github.com/invochain/invochain/shared/audit/receipt"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	l, salt := newLog(t), commitment.NewSalt()
	for n := range 20 {
		l.add(t, salt, strconv.Itoa(n))
	}
	v, err := receipt.Verify(l.key, l.prove(t, 7, salt, "7"))
	require.NoError(t, err)
	require.Equal(t, string(l.entries[7]), string(v.Entry))
	require.Equal(t, int64(20), v.Checkpoint.N)
	earlier, err := l.key.Checkpoint([]byte(v.Signed))
	require.NoError(t, err)
	require.Equal(t, v.Checkpoint, earlier)
}

func TestWhatDoesNotVerify(t *testing.T) {
	t.Parallel()
	l, salt := newLog(t), commitment.NewSalt()
	for n := range 20 {
		l.add(t, salt, strconv.Itoa(n))
	}
	right := l.prove(t, 7, salt, "7")
	inProof := func(old, replacement string) func(*receipt.Receipt) {
		return func(r *receipt.Receipt) { r.Proof = strings.Replace(r.Proof, old, replacement, 1) }
	}
	other := keyOf(t, "another.test/audit", l.private)
	for name, change := range map[string]func(*receipt.Receipt){
		"another place":          inProof("index 7", "index 6"),
		"another size":           inProof("\n20\n", "\n21\n"),
		"another log's name":     inProof("\n"+origin+"\n", "\nanother.test/audit\n"),
		"no signature":           func(r *receipt.Receipt) { r.Proof = r.Proof[:strings.LastIndex(r.Proof, "— ")] },
		"a changed entry":        func(r *receipt.Receipt) { r.Proof = changeLine(r.Proof, "extra ") },
		"no proof":               func(r *receipt.Receipt) { r.Proof = "" },
		"garbage":                func(r *receipt.Receipt) { r.Proof = "\n\n\n" },
		"a changed document":     func(r *receipt.Receipt) { r.Document = strings.Replace(r.Document, "118", "119", 1) },
		"another document":       func(r *receipt.Receipt) { r.Document = document("8") },
		"another salt":           func(r *receipt.Receipt) { r.Salt = commitment.NewSalt() },
		"no document":            func(r *receipt.Receipt) { r.Document = "" },
		"a document and no salt": func(r *receipt.Receipt) { r.Salt = nil },
	} {
		r := right
		change(&r)
		_, err := receipt.Verify(l.key, r)
		require.Error(t, err, name)
	}
	_, err := receipt.Verify(other, right)
	require.Error(t, err, "the same key under another log's name")
	_, err = receipt.Verify(newLog(t).key, right)
	require.Error(t, err, "another key")
}

// changeLine flips a character of the first line that begins with prefix.
func changeLine(text, prefix string) string {
	at := strings.Index(text, prefix) + len(prefix) + 8
	flipped := byte('A')
	if text[at] == 'A' {
		flipped = 'B'
	}
	return text[:at] + string(flipped) + text[at+1:]
}

// TestAnotherOriginUnderTheSameKey: a checkpoint of another log that the same key signs is refused.
func TestAnotherOriginUnderTheSameKey(t *testing.T) {
	t.Parallel()
	l, salt := newLog(t), commitment.NewSalt()
	l.add(t, salt, "0")
	_, err := l.key.Checkpoint(l.checkpoint(t, 1))
	require.NoError(t, err)
	_, err = l.key.Checkpoint(l.checkpoint(t, 1, "another.test/audit"))
	require.Error(t, err)
}

// TestAnEntryThatCommitsToNothing: of a document that an earlier version issued.
func TestAnEntryThatCommitsToNothing(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	data := []byte(`{"v":1,"id":"saga-0","invoice_id":"0"}`)
	hashes, err := tlog.StoredHashes(0, data, l)
	require.NoError(t, err)
	l.entries, l.hashes = [][]byte{data}, hashes
	r := l.prove(t, 0, nil, "0")
	r.Document = ""
	_, err = receipt.Verify(l.key, r)
	require.NoError(t, err)
}

func TestConsistency(t *testing.T) {
	t.Parallel()
	l, salt := newLog(t), commitment.NewSalt()
	for n := range 20 {
		l.add(t, salt, strconv.Itoa(n))
	}
	for size := int64(1); size <= 20; size++ {
		earlier, err := l.key.Checkpoint(l.checkpoint(t, size))
		require.NoError(t, err)
		r := l.since(t, l.prove(t, 3, salt, "3"), size)
		v, err := receipt.Verify(l.key, r)
		require.NoError(t, err)
		require.NoError(t, receipt.CheckConsistent(earlier, v, r.Consistency))
		earlier.Hash[0] ^= 1
		require.ErrorContains(t, receipt.CheckConsistent(earlier, v, r.Consistency), "rewritten")
		if size < 20 {
			var missing *receipt.NoProofError
			require.ErrorAs(t, receipt.CheckConsistent(earlier, v, nil), &missing)
			require.Equal(t, size, missing.Since)
			r.Consistency.Hashes = append(r.Consistency.Hashes, []byte("short"))
			require.Error(t, receipt.CheckConsistent(earlier, v, r.Consistency))
		}
	}
}

func TestKeysAsText(t *testing.T) {
	t.Parallel()
	key := newLog(t).key
	parsed, err := receipt.ParseKey(key.String() + "\n")
	require.NoError(t, err)
	require.Equal(t, key.String(), parsed.String())
	for name, text := range map[string]string{
		"empty": "", "no parts": origin, "no base64": origin + "+00000000+!", "another id": origin + "+00000000+" +
			key.String()[strings.LastIndex(key.String()[:60], "+")+1:],
		"a name with a blank": "a b" + key.String()[len(origin):],
		"an Ed25519 key":      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	} {
		_, err := receipt.ParseKey(text)
		require.Error(t, err, name)
	}
}

var update = flag.Bool("update", false, "write the golden receipt again")

// goldenKey and golden are a key and a receipt that were made once.
const (
	goldenKey = "testdata/key.txt"
	golden    = "testdata/receipt.json"
)

// TestGoldenReceipt verifies a receipt of long ago: with Verify, and with nothing but the Go project's
// own packages for notes and logs.
func TestGoldenReceipt(t *testing.T) {
	t.Parallel()
	if *update {
		writeGolden(t)
	}
	keyText, err := os.ReadFile(goldenKey)
	require.NoError(t, err)
	key, err := receipt.ParseKey(string(keyText))
	require.NoError(t, err)
	raw, err := os.ReadFile(golden)
	require.NoError(t, err)
	var r receipt.Receipt
	require.NoError(t, json.Unmarshal(raw, &r))
	_, err = receipt.Verify(key, r)
	require.NoError(t, err)
	verifyByGo(t, string(bytes.TrimSpace(keyText)), r.Proof)
}

// verifyByGo verifies a proof as C2SP describes it.
func verifyByGo(t *testing.T, key, proof string) {
	t.Helper()
	lines := strings.Split(proof, "\n")
	require.Equal(t, "c2sp.org/tlog-proof@v1", lines[0])
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	require.NoError(t, err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	require.NoError(t, err)
	var hashes tlog.RecordProof
	n := 3
	for ; lines[n] != ""; n++ {
		h, err := tlog.ParseHash(lines[n])
		require.NoError(t, err)
		hashes = append(hashes, h)
	}
	signed, err := note.Open([]byte(strings.Join(lines[n+1:], "\n")), note.VerifierList(byGo{t, key}))
	require.NoError(t, err)
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.SplitN(signed.Text, "\n", 2)[1]))
	require.NoError(t, err)
	require.NoError(t, tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
}

// byGo verifies signatures of type 0x02, which golang.org/x/mod has not.
type byGo struct {
	t   *testing.T
	key string
}

func (v byGo) Name() string { return strings.SplitN(v.key, "+", 3)[0] }

func (v byGo) KeyHash() uint32 {
	id, err := strconv.ParseUint(strings.SplitN(v.key, "+", 3)[1], 16, 32)
	require.NoError(v.t, err)
	return uint32(id)
}

func (v byGo) Verify(message, signature []byte) bool {
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(v.key, "+", 3)[2])
	require.NoError(v.t, err)
	require.Equal(v.t, byte(2), raw[0])
	public, err := x509.ParsePKIXPublicKey(raw[1:])
	require.NoError(v.t, err)
	digest := sha256.Sum256(message)
	return ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), digest[:], signature)
}

func writeGolden(t *testing.T) {
	t.Helper()
	l, salt := newLog(t), commitment.NewSalt()
	for n := range 300 {
		l.add(t, salt, strconv.Itoa(n))
	}
	raw, err := json.MarshalIndent(l.since(t, l.prove(t, 123, salt, "123"), 100), "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(golden, append(raw, '\n'), 0o644))
	require.NoError(t, os.WriteFile(goldenKey, []byte(l.key.String()+"\n"), 0o644))
}
