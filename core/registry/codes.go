package registry

import "strings"

var (
	regon9  = [...]int{8, 9, 2, 3, 4, 5, 6, 7}
	regon14 = [...]int{2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8}
	simc    = [...]int{2, 3, 4, 5, 6, 7}
)

// ValidREGON reports whether s is a REGON number of 9 or 14 digits with right
// check digits; the first nine of the long one must pass by themselves.
func ValidREGON(s string) bool {
	switch {
	case strings.Trim(s, "0") == "":
		return false
	case digits(s, 9):
		return checkDigit(s, regon9[:])
	case digits(s, 14):
		return checkDigit(s[:9], regon9[:]) && checkDigit(s, regon14[:])
	}
	return false
}

// ValidSIMC reports whether s is the code of a town or village: seven digits,
// the last of them checks the others.
func ValidSIMC(s string) bool {
	return digits(s, 7) && strings.Trim(s, "0") != "" && checkDigit(s, simc[:])
}

func checkDigit(s string, weights []int) bool {
	sum := 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return sum%11%10 == int(s[len(weights)]-'0')
}
