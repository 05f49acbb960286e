package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit/receipt"
)

// golden is where package receipt keeps a receipt that was made once, and its key.
const golden = "../../shared/audit/receipt/testdata"

func verify(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(args, &o, &e)
	return status, o.String(), e.String()
}

func TestGoldenReceipt(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "a", "state.json")
	args := []string{"-key", golden + "/key.txt", "-state", state, golden + "/receipt.json"}
	status, out, errs := verify(t, args...)
	require.Equal(t, verified, status, errs)
	require.Contains(t, out, "its first receipt here")
	status, out, errs = verify(t, args...)
	require.Equal(t, verified, status, errs)
	require.Contains(t, out, "it continues the one of 300 entries")
}

func TestTheKeyAsTheAPITellsIt(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(golden + "/key.txt")
	require.NoError(t, err)
	answer, err := json.Marshal(map[string]string{"origin": "o", "key": strings.TrimSpace(string(text))})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "key.json")
	require.NoError(t, os.WriteFile(file, answer, 0o600))
	status, _, errs := verify(t, "-key", file, "-state", filepath.Join(t.TempDir(), "s"), golden+"/receipt.json")
	require.Equal(t, verified, status, errs)
}

// TestOneByteOfTheDocument is changed.
func TestOneByteOfTheDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(golden + "/receipt.json")
	require.NoError(t, err)
	var r receipt.Receipt
	require.NoError(t, json.Unmarshal(text, &r))
	r.Document = strings.Replace(r.Document, "118", "119", 1)
	changed, err := json.Marshal(r)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "receipt.json")
	require.NoError(t, os.WriteFile(file, changed, 0o600))
	status, _, errs := verify(t, "-key", golden+"/key.txt", "-state", filepath.Join(t.TempDir(), "s"), file)
	require.Equal(t, refused, status)
	require.Contains(t, errs, receipt.ErrDocument.Error())
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"empty": nil, "no key": {"r.json"}, "no receipt": {"-key", "k"}, "both": {"-key", "k", "-all", "f", "r.json"},
		"unknown": {"-no-such-flag"},
	} {
		status, _, errs := verify(t, args...)
		require.Equal(t, usage, status, name)
		require.NotEmpty(t, errs, name)
	}
	for name, args := range map[string][]string{
		"no such key": {"-key", "no-such-file", "r.json"}, "no such receipt": {"-key", golden + "/key.txt", "no-such-file"},
		"no bucket": {"-key", golden + "/key.txt", "-all", t.TempDir()},
		"no JSON":   {"-key", golden + "/key.txt", golden + "/key.txt"},
	} {
		status, _, errs := verify(t, args...)
		require.Equal(t, refused, status, name)
		require.Contains(t, errs, "NOT VERIFIED", name)
	}
}
