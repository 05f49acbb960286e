// Command generate writes 300 invoice requests of an Indian wholesaler and their expected
// totals. Its random generator has a fixed seed, so it always writes the same files.
//
//	go run ./tests/framework/data/generate
//
// It computes the expected totals with fractions and shares no code with shared/gst.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Request is one invoice with its idempotency key.
type Request struct {
	IdempotencyKey string  `json:"idempotency_key"`
	Invoice        Invoice `json:"invoice"`
}

// Merchant is the seller. Its compliance is strict, so every invoice must be ready to file.
const Merchant = "merchant-wholesale"

func main() {
	dir := "tests/framework/data"
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	files, err := Files()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// Files returns the generated files by name.
func Files() (map[string][]byte, error) {
	g := &generator{rand: rand.New(rand.NewPCG(20261123, 300)), credited: map[string]bool{}}
	var requests, expected bytes.Buffer
	for n := range 300 {
		r, e := g.document(n)
		if err := json.NewEncoder(&requests).Encode(r); err != nil {
			return nil, err
		}
		if err := json.NewEncoder(&expected).Encode(e); err != nil {
			return nil, err
		}
	}
	levels, err := json.MarshalIndent(stock(), "", "  ")
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"invoices.jsonl": requests.Bytes(), "expected.jsonl": expected.Bytes(), "stock.json": append(levels, '\n'),
	}, nil
}
