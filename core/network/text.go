package network

import (
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/fault"
)

// checkText refuses texts that are too long.
func checkText(path, s string, most int) error {
	if utf8.RuneCountInString(s) <= most {
		return nil
	}
	var f fault.Fields
	f.Add(path, "network.text_long", "Max", most)
	return f.Err()
}

// needText is checkText for texts that must be there.
func needText(path, s string, most int) error {
	if strings.TrimSpace(s) != "" {
		return checkText(path, s, most)
	}
	var f fault.Fields
	f.Add(path, "network.reason_missing")
	return f.Err()
}
