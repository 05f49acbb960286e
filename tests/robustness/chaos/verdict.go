package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// verdict counts what held.
type verdict struct{ passed, failed int }

// check prints one line. What follows a failed check is still looked at.
func (v *verdict) check(held bool, format string, args ...any) {
	word := "PASS"
	if held {
		v.passed++
	} else {
		v.failed++
		word = "FAIL"
	}
	fmt.Printf("  %s  %s\n", word, fmt.Sprintf(format, args...))
}

// none is a check for 0 things that are wrong, as the books give them.
func (v *verdict) none(wrong int, format string, args ...any) {
	if wrong != 0 {
		format = fmt.Sprintf("(%d) ", wrong) + format
	}
	v.check(wrong == 0, format, args...)
}

// say prints what goes on, and when.
func say(format string, args ...any) {
	fmt.Printf("%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

func (v *verdict) err() error {
	if v.failed > 0 {
		return fmt.Errorf("%d of %d expectations failed", v.failed, v.passed+v.failed)
	}
	return nil
}

// table heads the lines of the experiments.
const table = "| experiment | arrived | 201 at once | 201 after retries | refusals | last served s | first 201 s | last saga s | all empty s | alerts | verdict |\n" +
	"|---|---|---|---|---|---|---|---|---|---|---|\n"

// addRow prints the experiment's line, and leaves it in the file of -table.
func (r *run) addRow() error {
	word := "PASS"
	if r.failed > 0 {
		word = fmt.Sprintf("FAIL (%d)", r.failed)
	}
	first, later := r.load.served()
	row := fmt.Sprintf("| %s | %d | %d | %d | %s | %s | %s | %s | %s | %s | %s |\n", r.name, len(r.load.all()), first, later,
		r.load.refusals(), seconds(r.well.served), seconds(r.well.first), seconds(r.well.sagas), seconds(r.well.empty), strings.Join(r.alerts.fired(), ", "), word)
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
