package collector_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/invochain/invochain/tools/collector/collector"
)

func Example() {
	dir, _ := os.MkdirTemp("", "collector")
	defer func() { _ = os.RemoveAll(dir) }()
	log := filepath.Join(dir, "functions.log")
	line := `{"batch":"a","at":1795571382338,"delta":[{"name":"saga_started_total","labels":{},"value":2}]}` + "\n"
	_ = os.WriteFile(log, []byte(line+line), 0o600) // the second line repeats the batch

	c := collector.New(collector.Config{Log: log}, time.Now)
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), "GET", "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "saga_started_total ") {
			fmt.Print(line)
		}
	}
	// Output: saga_started_total 2
}
