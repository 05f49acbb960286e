package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// verdict counts passed and failed checks.
type verdict struct{ passed, failed int }

// check records and prints one check. The run continues after a failure.
func (v *verdict) check(ok bool, format string, args ...any) {
	word := "PASS"
	if ok {
		v.passed++
	} else {
		v.failed++
		word = "FAIL"
	}
	fmt.Printf("  %s  %s\n", word, fmt.Sprintf(format, args...))
}

// none is an invariants.Check: it passes if the number of violations is 0.
func (v *verdict) none(violations int, format string, args ...any) {
	if violations != 0 {
		format = fmt.Sprintf("(%d) ", violations) + format
	}
	v.check(violations == 0, format, args...)
}

// logf prints a line with the time.
func logf(format string, args ...any) {
	fmt.Printf("%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

func (v *verdict) err() error {
	if v.failed > 0 {
		return fmt.Errorf("%d of %d expectations failed", v.failed, v.passed+v.failed)
	}
	return nil
}

// table is the header of the experiments' rows.
const table = "| experiment | arrived | 201 at once | 201 after retries | refusals | last served s | first 201 s " +
	"| last saga s | all empty s | alerts | verdict |\n" +
	"|---|---|---|---|---|---|---|---|---|---|---|\n"

// addRow prints the experiment's row and appends it to the file of -table.
func (r *run) addRow() error {
	word := "PASS"
	if r.failed > 0 {
		word = fmt.Sprintf("FAIL (%d)", r.failed)
	}
	first, later := r.load.served()
	t := r.recovered
	row := fmt.Sprintf("| %s | %d | %d | %d | %s | %s | %s | %s | %s | %s | %s |\n",
		r.name, len(r.load.all()), first, later,
		r.load.refusals(), seconds(t.served), seconds(t.first), seconds(t.sagas), seconds(t.empty),
		strings.Join(r.alerts.names(), ", "), word)
	fmt.Print("\n" + table + row + "\n")
	if r.set.table == "" {
		return nil
	}
	f, err := os.OpenFile(r.set.table, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if at, err := f.Seek(0, 2); err == nil && at == 0 {
		row = table + row
	}
	_, err = f.WriteString(row)
	return errors.Join(err, f.Close())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
