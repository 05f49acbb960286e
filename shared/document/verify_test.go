package document_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/document"
	"github.com/invochain/invochain/shared/document/documenttest"
	"github.com/invochain/invochain/shared/problem"
)

// verifyDocument is the verification of docs/api.md.
func verifyDocument(signed string, keys jose.JSONWebKeySet) ([]byte, error) {
	document, err := jose.ParseSignedCompact(signed, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	header := document.Signatures[0].Protected
	if header.ExtraHeaders[jose.HeaderType] != "invoice+jws" {
		return nil, errors.New("not a signed invoice")
	}
	known := keys.Key(header.KeyID)
	if len(known) == 0 {
		return nil, fmt.Errorf("unknown key %s: get the keys again", header.KeyID)
	}
	return document.Verify(known[0])
}

// TestTheGuideVerifiesAsHere: the program of the guide is verifyDocument.
func TestTheGuideVerifiesAsHere(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("verify_test.go")
	require.NoError(t, err)
	guide, err := os.ReadFile("../../docs/api.md")
	require.NoError(t, err)
	_, body, _ := strings.Cut(string(source), "\nfunc verifyDocument")
	body, _, _ = strings.Cut(body, "\n}\n")
	program := "    func verifyDocument" + strings.ReplaceAll(body, "\n", "\n    ") + "\n    }\n"
	require.Contains(t, string(guide), strings.ReplaceAll(program, "\t", "    "))
}

// invoice is the payload of the tests.
var invoice = []byte(`{"id":"83a173f9","total_amount":"118.00"}`) //nolint:gochecknoglobals // a constant

func setup(t *testing.T) (*document.Signer, *documenttest.KMS) {
	t.Helper()
	kms, err := documenttest.New()
	require.NoError(t, err)
	return document.NewSigner(kms, "arn:aws:kms:ap-south-1:000000000000:key/1"), kms
}

// TestASignedDocumentVerifies: of 300 signatures, two or three have an r or s with less than 32 bytes.
func TestASignedDocumentVerifies(t *testing.T) {
	t.Parallel()
	s, kms := setup(t)
	public, err := s.Public(t.Context())
	require.NoError(t, err)
	require.True(t, public.IsPublic())
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}}
	for range 300 {
		signed, err := s.Sign(t.Context(), invoice)
		require.NoError(t, err)
		payload, err := verifyDocument(signed, keys)
		require.NoError(t, err)
		require.Equal(t, string(invoice), string(payload))
	}
	require.Equal(t, [2]int{1, 300}, [2]int{kms.Reads, kms.Used}, "the public half is remembered")
}

func TestWhatIsNoSignedDocument(t *testing.T) {
	t.Parallel()
	s, kms := setup(t)
	public, err := s.Public(t.Context())
	require.NoError(t, err)
	signed, err := s.Sign(t.Context(), invoice)
	require.NoError(t, err)
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}}
	another, _ := setup(t)
	foreign, err := another.Sign(t.Context(), invoice)
	require.NoError(t, err)
	part, others := strings.Split(signed, "."), strings.Split(foreign, ".")
	for name, text := range map[string]string{
		"another deployment's": foreign,
		"another payload":      part[0] + "." + part[1] + "A." + part[2],
		"another signature":    part[0] + "." + part[1] + "." + others[2],
		"no signature":         part[0] + "." + part[1] + ".",
		"nothing":              "",
	} {
		_, err := verifyDocument(text, keys)
		require.Error(t, err, name)
	}
	options := (&jose.SignerOptions{}).WithType(caller.TokenType)
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: kms.Private, KeyID: public.KeyID}}
	signer, err := jose.NewSigner(key, options)
	require.NoError(t, err)
	object, err := signer.Sign(invoice)
	require.NoError(t, err)
	token, err := object.CompactSerialize()
	require.NoError(t, err)
	_, err = verifyDocument(token, keys)
	require.ErrorContains(t, err, "not a signed invoice")
}

// TestKMSIsAway: nothing is remembered of a failure, and a retry is advised.
func TestKMSIsAway(t *testing.T) {
	t.Parallel()
	s, kms := setup(t)
	kms.Err = errors.New("connection reset")
	_, err := s.Sign(t.Context(), invoice)
	var e *problem.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, problem.Unavailable, e.Kind)
	require.True(t, e.Retryable)
	kms.Err = nil
	_, err = s.Public(t.Context())
	require.NoError(t, err)
	kms.Err = errors.New("connection reset")
	_, err = s.Public(t.Context())
	require.NoError(t, err)
	_, err = s.Sign(t.Context(), invoice)
	require.Equal(t, problem.Unavailable, problem.KindOf(err))
}
