package db

import (
	"database/sql"
	"database/sql/driver"

	"github.com/lib/pq"
)

// Array passes a slice as an array parameter, and a pointer to one as the
// target of a scan, so that only stores name the driver.
func Array(a any) interface {
	driver.Valuer
	sql.Scanner
} {
	return pq.Array(a)
}

// StringArray and Float64Array are fields of rows that hold arrays.
type (
	StringArray  = pq.StringArray
	Float64Array = pq.Float64Array
)
