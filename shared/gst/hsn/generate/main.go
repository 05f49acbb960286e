// Command generate writes the file of package hsn from the portal's list of codes: one a line,
// of 2, 4, 6 or 8 digits. It leaves out what is not such a code.
//
//	go run ./shared/gst/hsn/generate <list >shared/gst/hsn/codes.txt
package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := write(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var code = regexp.MustCompile(`^([0-9]{2}){2,4}$`)

// write reads a list of codes and writes them grouped by heading. Chapters are not written:
// they follow from their headings.
func write(in io.Reader, out io.Writer) error {
	listed := map[string]bool{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if c := strings.TrimSpace(lines.Text()); code.MatchString(c) {
			listed[c] = true
		}
	}
	var text strings.Builder
	heading, subheading := "", ""
	for _, c := range slices.Sorted(maps.Keys(listed)) {
		if c[:4] != heading {
			heading, subheading = c[:4], ""
			text.WriteString("\n" + marked(heading, 0, listed))
		}
		if len(c) > 4 && c[4:6] != subheading {
			subheading = c[4:6]
			text.WriteString(" " + marked(c[:6], 4, listed))
		}
		if len(c) > 6 {
			text.WriteString(c[6:])
		}
	}
	_, err := io.WriteString(out, strings.TrimPrefix(text.String(), "\n")+"\n")
	if err != nil {
		return err
	}
	return lines.Err()
}

// marked returns a code from a digit on, with a hyphen if it is not listed itself.
func marked(code string, from int, listed map[string]bool) string {
	if listed[code] {
		return code[from:]
	}
	return code[from:] + "-"
}
