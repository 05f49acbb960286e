package fault

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
)

// Set replaces all rules, from the next call on. It returns an error for each invalid rule.
func (p *Proxy) Set(rules []Rule) error {
	var errs []error
	for _, r := range rules {
		errs = append(errs, r.check())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = rules
	return nil
}

// Counts returns how many calls were affected, by "SERVICE OPERATION FAULT", since the start, and
// how many writes were refused by the rules of DynamoDB.
func (p *Proxy) Counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := maps.Clone(p.counts)
	if p.contention != nil {
		counts[DynamoDB+" write conflict"] = int(p.contention.Conflicts())
		counts[DynamoDB+" write throttled"] = int(p.contention.Throttled())
	}
	return counts
}

// admin serves AdminPath.
func (p *Proxy) admin(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(p.Counts())
	case http.MethodPut:
		var rules []Rule
		err := json.NewDecoder(r.Body).Decode(&rules)
		if err == nil {
			err = p.Set(rules)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	default:
		w.Header().Set("Allow", "GET, PUT")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}
