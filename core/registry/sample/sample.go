// Package sample embeds two small files in the shape of the official registers,
// for the demonstration and for trying an import: real territorial units, and
// invented schools and centres in four powiats. It owns no table.
package sample

import _ "embed"

// TERC holds all voivodeships and powiats, and the gminas of the four powiats
// of the schools in [RSPO].
//
//go:embed terc.csv
var TERC []byte

// RSPO holds 40 invented institutions: two centres (RSPO 900101 and 900102),
// schools of powiats 3013, 3026, 3063 and 2609, among them two complexes, a
// branch and a closed school.
//
//go:embed rspo.csv
var RSPO []byte
