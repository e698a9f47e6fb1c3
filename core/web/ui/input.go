package ui

import "strings"

func rows(n int) int {
	if n == 0 {
		return 5
	}
	return n
}

func choiceType(in Input) string {
	if in.Kind == Radios {
		return "radio"
	}
	return "checkbox"
}

// checkValue is what a single box sends.
func checkValue(v string) string {
	if v == "" {
		return "1"
	}
	return v
}

// leadingBreak saves a first line break, which browsers drop in a textarea.
func leadingBreak(v string) string {
	if strings.HasPrefix(v, "\n") {
		return "\n" + v
	}
	return v
}
