// Package functionlog reads functions.log, the log of a local stack's functions. Each of its
// lines starts with the deployed name of the function that wrote the rest.
package functionlog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/invochain/invochain/shared/problem"
)

// Event is one line that a function logged.
type Event struct {
	Time     time.Time // zero if the line has none, such as that of a panic
	Function string    // its folder: log-audit
	Level    string
	Message  string
	Attrs    []Attr // in the order of the line
}

// Attr is an attribute of an event. A string has no quotation marks; anything else is JSON.
type Attr struct{ Name, Value string }

// Parse returns the event of a line; false for a line that is none: metrics, a span.
func Parse(line string) (Event, bool) {
	deployed, text, _ := strings.Cut(line, " ")
	e := Event{Function: folder(deployed)}
	attrs, isJSON := attrsOf(text)
	if !isJSON {
		e.Message = text
		return e, strings.TrimSpace(text) != ""
	}
	for _, a := range attrs {
		switch a.Name {
		case "batch", "span", "_aws":
			return Event{}, false
		case "time":
			e.Time, _ = time.Parse(time.RFC3339Nano, a.Value) // the zero time of another writer's line
		case "level":
			e.Level = a.Value
		case "msg":
			e.Message = a.Value
		default:
			e.Attrs = append(e.Attrs, a)
		}
	}
	return e, true
}

// attrsOf returns the members of a JSON object; false if text is none.
func attrsOf(text string) ([]Attr, bool) {
	d := json.NewDecoder(strings.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	var attrs []Attr
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil, false
		}
		a := Attr{fmt.Sprint(name), string(value)}
		_ = json.Unmarshal(value, &a.Value) // anything but a string stays JSON
		attrs = append(attrs, a)
	}
	return attrs, true
}

// Value returns an attribute; empty if there is none.
func (e Event) Value(name string) string {
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// String returns the event on one line: the time of day, function, level, message, and the
// attributes but for the ids of trace, span and invocation.
func (e Event) String() string {
	at := strings.Repeat(" ", len(time.TimeOnly)+4)
	if !e.Time.IsZero() {
		at = e.Time.Local().Format("15:04:05.000")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %-17s %-5s %s", at, e.Function, e.Level, printable(e.Message))
	for _, a := range e.Attrs {
		switch a.Name {
		case "trace_id", "span_id", "invocation_id":
		default:
			b.WriteString(" " + a.Name + "=" + word(a.Value))
		}
	}
	return b.String()
}

// word quotes a value that has blanks, and cuts a long one.
func word(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) < 0 && s != "" {
		return problem.Clip(s)
	}
	const longest = 240
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return strconv.Quote(s)
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}

// folder converts InvoChain-Service-LogAudit1A2B3C4D-5E6F7 to log-audit. The part after the
// last dash is random: upper case, lower case or both, depending on the emulator.
func folder(deployed string) string {
	m := deployedName.FindStringSubmatch(deployed)
	if m == nil {
		return deployed
	}
	return strings.ToLower(wordEnd.ReplaceAllString(m[1], "$1-$2"))
}

var (
	deployedName = regexp.MustCompile(`([A-Za-z]+?)[0-9A-F]{8}-[0-9A-Za-z]+$`)
	wordEnd      = regexp.MustCompile(`([a-z])([A-Z])`)
)
