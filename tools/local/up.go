package main

import (
	"context"
	"fmt"
	"time"
)

// up brings the stack to the state of the checkout, whatever state it is in.
func (s *stack) up(ctx context.Context) error {
	steps := []struct {
		title string
		do    func(context.Context) error
	}{
		{"check the tools and the port", s.check},
		{"install the emulator and the CDK CLI", s.install},
		{"build the functions", s.build},
		{"start the emulator", s.startEmulator},
		{"deploy the stacks", s.deploy},
		{"create the tables", s.deployTables},
		{"start the metrics collector", s.startCollector},
		{"create the clients", s.seedClients},
		{"start the gateway", s.startGateway},
		{"seed the demo merchant", s.seed},
	}
	for i, step := range steps {
		if err := showProgress(ctx, fmt.Sprintf("[%d/%d] %s", i+1, len(steps), step.title), step.do); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return s.printSummary()
}

// showProgress calls do. It prints the elapsed time every ten seconds and at the end.
func showProgress(ctx context.Context, title string, do func(context.Context) error) error {
	began := time.Now()
	fmt.Print(title + " … ")
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	for {
		select {
		case <-tick.C:
			fmt.Printf("%.0f s … ", time.Since(began).Seconds())
		case err := <-done:
			if err == nil {
				fmt.Printf("%.1f s\n", time.Since(began).Seconds())
			}
			return err
		}
	}
}

func (s *stack) printSummary() error {
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return err
	}
	_, err = fmt.Printf(`
InvoChain is up after %.0f s.

  API        %s   (also /openapi.json, /health/ready, /metrics)
  emulator   %s   (keeps all data in memory: make down deletes it)
  settings   %s
  token      make -s token ROLE=operator   (a request without a token gets one of the demo merchant's admin)
  logs       make logs          status   make status          stop   make down

Try it, with any of SKU-001 to SKU-012. Sent again, the last line gets the same answer, marked X-Idempotent-Replayed:

  KEY=$(python3 -c 'import uuid; print(uuid.uuid4())')
  INVOICE='%s'
  curl -i %s/invoices -H 'Content-Type: application/json' -H "Idempotency-Key: $KEY" -d "$INVOICE"

The guide to the API is docs/api.md.
`, time.Since(s.began).Seconds(), env["API_URL"], env["AWS_ENDPOINT_URL"], s.file("stack.env"),
		firstRequest, env["API_URL"])
	return err
}

// firstRequest is the request of the README.
const firstRequest = `{"series": "INV", "seller_merchant_id": "merchant-123", "invoice_date": "2025-11-26",
    "buyer_gstin": "29AABCU9603R1ZJ", "buyer_name": "Brightway Stores",
    "buyer_address": "7 Brigade Road, Bengaluru 560025",
    "items": [{"sku": "SKU-001", "description": "Steel bottle, 1 l", "hsn": "732393", "quantity": 2,
      "unit": "NOS", "unit_price": "500.00", "gst_rate": 18}]}`
