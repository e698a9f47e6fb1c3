package dev

import "regexp"

var address = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;)]`)

// piece is text of a message, or an address in it.
type piece struct {
	text string
	link bool
}

// pieces splits a message so that its addresses can be followed.
func pieces(text string) []piece {
	var out []piece
	for {
		at := address.FindStringIndex(text)
		if at == nil {
			return append(out, piece{text: text})
		}
		out = append(out, piece{text: text[:at[0]]}, piece{text: text[at[0]:at[1]], link: true})
		text = text[at[1]:]
	}
}
