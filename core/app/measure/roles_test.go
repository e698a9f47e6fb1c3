package measure_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app/country"
	"ore.edu.pl/sieci/core/db/dbtest"
)

// The roles of who asks are read by one statement, that of the session, in a
// small country and in one ten times as large, by somebody with one role and with
// hundreds; and a page asks the same in all four.
func TestRolesAreOneStatement(t *testing.T) {
	t.Parallel()
	asked := map[string][]string{}
	for _, parts := range []int{500, 50} {
		dsn := dbtest.NewDSN(t)
		makeCountry(t, dsn, country.Scale{Of: 1, Parts: parts})
		n := settleAt(t, dsn, "")
		for _, name := range []string{"participant", "expert"} {
			if many := one[int](n.world, `SELECT max(c) FROM (SELECT count(*) AS c FROM role_grant WHERE role = 'expert' GROUP BY person_id) x`); many < 50 {
				t.Fatalf("an expert in %d networks", many)
			}
			for _, path := range []string{"/sieci", "/konto", "/powiadomienia", "/zasoby", "/sieci/" + n.network.String()} {
				var list []sent
				for again := true; again; again = slices.ContainsFunc(list, func(s sent) bool { return s.how != "run" }) {
					if res := get(t, n.Handler, path, n.cookies[name]); res.Code != http.StatusOK {
						t.Fatalf("%s as %s: %d", path, name, res.Code)
					}
					list = n.tap.take(t)
				}
				var texts []string
				lookups := 0
				for _, s := range list {
					texts = append(texts, s.sql)
					lookups += strings.Count(s.sql, access.GrantsSQL)
				}
				if lookups != 1 {
					t.Errorf("%s as %s asks for the roles %d times\n%s", path, name, lookups, show(list))
				}
				key := strings.ReplaceAll(path, n.network.String(), "ID")
				if before, ok := asked[key]; ok && !slices.Equal(before, texts) {
					t.Errorf("%s asks other things of 1/%d as %s:\n%s", key, parts, name, show(list))
				}
				asked[key] = texts
			}
		}
	}
}
