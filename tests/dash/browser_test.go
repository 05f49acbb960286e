//go:build dash

package dash_test

import (
	"image"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func escape(query string) string { return url.QueryEscape(query) }

// browser is the path of a headless Chromium.
type browser string

func findBrowser(t *testing.T) browser {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return browser(path)
		}
	}
	t.Fatal("Chromium is not on the PATH (apt install chromium)")
	return ""
}

// run opens a page and waits until it has loaded: the page's virtual clock only advances
// while no request is pending.
func (b browser) run(t *testing.T, address string, args ...string) []byte {
	t.Helper()
	args = append(args, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1600,9000",
		"--virtual-time-budget=15000", "--user-data-dir="+t.TempDir(), address)
	out, err := exec.CommandContext(t.Context(), string(b), args...).Output()
	require.NoError(t, err)
	return out
}

// text returns the page as HTML.
func (b browser) text(t *testing.T, address string) string {
	t.Helper()
	return string(b.run(t, address, "--dump-dom"))
}

// lines takes a screenshot and counts the lines in it.
func (b browser) lines(t *testing.T, address, file string) int {
	t.Helper()
	file, err := filepath.Abs(file)
	require.NoError(t, err)
	b.run(t, address, "--screenshot="+file)
	f, err := os.Open(file)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	require.NoError(t, err)
	return countLines(img)
}

// countLines counts wide and thin connected coloured shapes: the lines of graphs without
// legends, icons and bars.
func countLines(img image.Image) int {
	bounds := img.Bounds()
	w, h := bounds.Dx(), bounds.Dy()
	todo := make([]bool, w*h)
	for y := range h {
		for x := range w {
			todo[y*w+x] = coloured(img, bounds.Min.X+x, bounds.Min.Y+y)
		}
	}
	lines := 0
	for at := range todo {
		if todo[at] && isLine(fill(todo, w, at)) {
			lines++
		}
	}
	return lines
}

// coloured reports whether a pixel is neither grey nor pale.
func coloured(img image.Image, x, y int) bool {
	r, g, b, _ := img.At(x, y).RGBA()
	return max(r, g, b)-min(r, g, b) > 0x5000
}

// fill removes a connected shape and returns its bounds and area.
func fill(todo []bool, w, at int) (box image.Rectangle, area int) {
	stack := []int{at}
	todo[at] = false
	for len(stack) > 0 {
		at = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		x, y := at%w, at/w
		box = box.Union(image.Rect(x, y, x+1, y+1))
		area++
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				next := (y+dy)*w + x + dx
				if x+dx >= 0 && x+dx < w && next >= 0 && next < len(todo) && todo[next] {
					todo[next] = false
					stack = append(stack, next)
				}
			}
		}
	}
	return box, area
}

func isLine(box image.Rectangle, area int) bool {
	const icon = 30 // pixels; icons and the squares of legends are smaller
	return box.Dx() > icon && (box.Dy() <= 4 || area*3 < box.Dx()*box.Dy())
}
