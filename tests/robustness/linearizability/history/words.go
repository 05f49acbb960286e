package history

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// String formats the operation as one line of a history.
func (o Op) String() string {
	ms := func(ns int64) string { return fmt.Sprintf("%9.1f", float64(ns)/1e6) }
	until := ms(o.Return)
	if o.Return >= never {
		until = "        ?"
	}
	return fmt.Sprintf("%s –%s ms  client %2d  %s → %s", ms(o.Call), until, o.Client, o.request(), o.Outcome)
}

func (o Op) request() string {
	words := []string{o.Kind}
	for _, w := range []string{o.Key, o.Payload, o.Number, o.Series, o.Target} {
		if w != "" {
			words = append(words, w)
		}
	}
	if o.SKU != "" {
		words = append(words, o.SKU)
	}
	if o.Quantity > 0 || o.Kind == Count {
		words = append(words, fmt.Sprintf("× %d", o.Quantity))
	}
	return strings.Join(words, " ")
}

// String formats the outcome in short.
func (r Outcome) String() string {
	if r.Status == 0 {
		return "no answer (" + r.Error + ")"
	}
	words := []string{strconv.Itoa(r.Status)}
	for _, w := range []string{r.Code, r.Invoice, r.Number, r.State} {
		if w != "" {
			words = append(words, w)
		}
	}
	if r.Replayed {
		words = append(words, "replayed")
	}
	if r.Status == http.StatusOK && r.Invoice == "" && r.State == "" {
		words = append(words, fmt.Sprintf("%d on hand, %d reserved, %d sold", r.OnHand, r.Reserved, r.Sold))
	}
	return strings.Join(words, " ")
}

// Summary counts the answers by kind, status and code.
func (h History) Summary() string {
	counts := map[string]int{}
	for _, op := range h.Ops {
		name := op.Kind + " " + strconv.Itoa(op.Outcome.Status)
		if op.Outcome.Code != "" {
			name += " " + op.Outcome.Code
		}
		if op.Outcome.Replayed {
			name += " replayed"
		}
		if op.Outcome.Status == 0 {
			name = op.Kind + " without an answer"
		}
		counts[name]++
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%6d  %s", counts[name], name))
	}
	return strings.Join(lines, "\n")
}
