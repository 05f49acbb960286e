package domain

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf16"
)

// halfPair finds an escape such as `\ud83d` without its other half. It stands for
// no character (RFC 8259 s.8.2), and the decoder would silently write another one
// in its place: what is stored would not be what was sent.
func halfPair(body []byte) bool {
	for {
		at := bytes.IndexByte(body, '\\')
		if at < 0 {
			return false
		}
		body = body[at:]
		char, length := escaped(body)
		if utf16.IsSurrogate(char) {
			low, more := escaped(body[length:])
			if utf16.DecodeRune(char, low) == unicode.ReplacementChar {
				return true
			}
			length += more
		}
		body = body[length:]
	}
}

// escaped reads the UTF-16 unit of an escape and its length; of `\n` and the like,
// and of what is no escape, only the length to skip.
func escaped(b []byte) (rune, int) {
	const length = len(`\uXXXX`)
	if len(b) < length || b[0] != '\\' || b[1] != 'u' {
		return 0, min(len(b), 2)
	}
	unit, err := strconv.ParseUint(string(b[2:length]), 16, 16)
	if err != nil {
		return 0, 2
	}
	return rune(unit), length
}
