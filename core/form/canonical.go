package form

import (
	"bytes"
	"strconv"
)

// jsonBuffer collects what an encoder writes, without its final line break.
type jsonBuffer struct{ bytes.Buffer }

func (b *jsonBuffer) trimmed() []byte { return bytes.TrimRight(b.Bytes(), "\n") }

// at is the path of element i of a list: "items[2]".
func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
