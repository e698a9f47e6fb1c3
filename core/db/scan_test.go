package db_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db/dbtest"
)

type colour string

type nested struct {
	Small int16 `db:"small"`
}

type everything struct {
	nested
	ID     uuid.UUID       `db:"id"`
	Text   string          `db:"text"`
	Named  colour          `db:"named"`
	N      int             `db:"n"`
	Big    int64           `db:"big"`
	Digits int             `db:"digits"` // a numeric, which travels as text
	Yes    bool            `db:"yes"`
	At     time.Time       `db:"at"`
	Maybe  *int            `db:"maybe"`
	None   *string         `db:"none"`
	Null   uuid.NullUUID   `db:"nobody"`
	Raw    json.RawMessage `db:"raw"`
	Share  float64         `db:"share"`
	Told   string          `db:"told"` // an integer into a text, as database/sql does it
}

const everythingSQL = `SELECT CAST('0193a000-0000-7000-8000-000000000001' AS uuid) AS id, 'zażółć' AS text, 'red' AS named, 7 AS n, 9007199254740993 AS big,
	CAST(12 AS numeric) AS digits, true AS yes, CAST('2026-11-24 08:00+01' AS timestamptz) AS at, 3 AS maybe, CAST(NULL AS text) AS none,
	CAST(NULL AS uuid) AS nobody, CAST('{"a": 1}' AS json) AS raw, 0.5::float8 AS share, 42 AS told, CAST(5 AS smallint) AS small
	FROM generate_series(1, $1)`

// Rows of a list hold what sqlx's own scanning gives, alone and in a statement
// with others.
func TestScanningLikeDatabaseSQL(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var want everything
	if err := d.Get(t.Context(), &want, everythingSQL, 1); err != nil { // one row goes by sqlx
		t.Fatal(err)
	}
	if want.Text != "zażółć" || want.Small != 5 || want.Told != "42" {
		t.Fatalf("%+v", want)
	}
	list := []everything{{Text: "left from before"}}
	for range 2 { // the second time by the plan kept
		if err := d.Select(t.Context(), &list, everythingSQL, 3); err != nil || len(list) != 3 {
			t.Fatalf("%d rows, %v", len(list), err)
		}
		for _, got := range list {
			if !got.At.Equal(want.At) {
				t.Errorf("at %v, want %v", got.At, want.At)
			}
			got.At = want.At
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		}
	}
	if err := d.Select(t.Context(), &list, everythingSQL, 0); err != nil || len(list) != 0 {
		t.Errorf("no rows: %d, %v", len(list), err)
	}
}

func TestScanningRefuses(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for query, want := range map[string]string{
		`SELECT CAST(NULL AS text) AS text`:      "NULL",
		`SELECT CAST(NULL AS int) AS n`:          "NULL",
		`SELECT CAST(NULL AS bool) AS yes`:       "NULL",
		`SELECT CAST(NULL AS timestamptz) AS at`: "NULL",
		`SELECT 70000 AS small`:                  "does not fit",
		`SELECT 'x' AS n`:                        "converting",
		`SELECT 'not an id' AS id`:               "UUID",
		`SELECT 1 AS unknown`:                    "unknown",
	} {
		var list []everything
		if err := d.Select(t.Context(), &list, query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
}
