// Command invochain-verify verifies receipts of the audit log, offline. It needs the log's public key
// (GET /audit/key) and no access to InvoChain.
//
//	invochain-verify -key FILE RECEIPT.json…   each is an answer of GET /invoices/{id}/receipt
//	invochain-verify -key FILE -all FOLDER     a copy of the whole bucket, for an auditor
//
// It remembers the last checkpoint that it verified, in the file that -state names, and checks that
// a later receipt is of a log which continues that one: fetch receipts with ?since= and the size that
// it prints. It exits with 0 if everything verifies, with 1 if something does not, and with 2 for a
// wrong command line.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/invochain/invochain/shared/audit/receipt"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// Exit statuses.
const (
	verified = iota
	refused
	usage
)

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("invochain-verify", flag.ContinueOnError)
	flags.SetOutput(errs)
	keyFile := flags.String("key", "", "`file` with the log's public key: NAME+ID+KEY, or the answer of GET /audit/key")
	all := flags.String("all", "", "verify a copy of the bucket in this `folder`")
	state := flags.String("state", defaultState(), "`file` that remembers the last checkpoint")
	if err := flags.Parse(args); err != nil {
		return usage
	}
	if *keyFile == "" || (*all == "") == (flags.NArg() == 0) {
		flags.Usage()
		return usage
	}
	key, err := readKey(*keyFile)
	if err == nil && *all != "" {
		err = verifyAll(out, key, *all)
	}
	for _, name := range flags.Args() {
		if err == nil {
			err = verifyReceipt(out, key, name, *state)
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(errs, "NOT VERIFIED:", err)
		return refused
	}
	return verified
}

func defaultState() string {
	folder, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "invochain", "checkpoints.json")
}

// readKey reads a key from a file of its text or of the API's answer.
func readKey(name string) (receipt.Key, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return receipt.Key{}, err
	}
	var answer struct {
		Key string `json:"key"`
	}
	if json.Unmarshal(text, &answer) == nil && answer.Key != "" {
		text = []byte(answer.Key)
	}
	return receipt.ParseKey(string(text))
}

func verifyAll(out io.Writer, key receipt.Key, folder string) error {
	whole, err := receipt.VerifyAll(key, os.DirFS(folder))
	if err == nil {
		_, err = fmt.Fprintf(out, "verified: %d entries and %d checkpoints of %s\n",
			whole.Entries, whole.Checkpoints, key.Name())
	}
	return err
}

func verifyReceipt(out io.Writer, key receipt.Key, name, state string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var r receipt.Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	v, err := receipt.Verify(key, r)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	compared, err := compare(key, v, r.Consistency, state)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = fmt.Fprintf(out, "verified: %s\n  entry: %s\n  log:   %s with %d entries; %s\n",
		name, v.Entry, key.Name(), v.Checkpoint.N, compared)
	return err
}

// compare compares a receipt with the checkpoint that is remembered, and remembers the later one. It
// returns what there is to say about it.
func compare(key receipt.Key, v receipt.Verified, proof *receipt.Consistency, state string) (string, error) {
	known, err := readCheckpoints(state)
	if err != nil {
		return "", err
	}
	earlier, found := known[key.String()]
	if !found {
		return "its first receipt here", remember(known, key, v.Signed, state)
	}
	c, err := key.Checkpoint([]byte(earlier))
	if err != nil {
		return "", fmt.Errorf("the checkpoint in %s: %w", state, err)
	}
	err = receipt.CheckConsistent(c, v, proof)
	if missing, ok := errors.AsType[*receipt.NoProofError](err); ok {
		return fmt.Sprintf("not compared with the log of %d entries that is remembered: fetch it with ?since=%d",
			missing.Since, missing.Since), nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("it continues the one of %d entries", c.N), remember(known, key, v.Signed, state)
}

// readCheckpoints reads the remembered checkpoints by the key of their log.
func readCheckpoints(state string) (map[string]string, error) {
	known := map[string]string{}
	text, err := os.ReadFile(state)
	if errors.Is(err, os.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &known); err != nil {
		return nil, fmt.Errorf("%s: %w", state, err)
	}
	return known, nil
}

// remember writes another file and then renames it, so that none is ever half written.
func remember(known map[string]string, key receipt.Key, signed, state string) error {
	known[key.String()] = signed
	text, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(state), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(state+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(state+".new", state)
}
