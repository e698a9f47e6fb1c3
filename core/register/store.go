package register

import (
	"encoding/json"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// teaching is what an institution must be to be read: open on the day, and with
// vocations. The condition on vocations is that of the histories' index.
const teaching = ` i.active AND i.vocations <> '[]'`

// selectSchools begins the statement of institutions that teach something, or
// the vocation with the code.
func selectSchools(st *keyset.Statement, day effect.Date, code string) {
	on := st.Param(string(day), "date")
	st.Add(`SELECT i.id, CAST(i.version AS bigint) AS version, i.name_folded, coalesce(i.rspo, 0) AS rspo, i.name, i.town, i.type_name,
		coalesce(left(i.powiat_code, 2), '') AS voivodeship, coalesce(v.name, '') AS voivodeship_name, coalesce(i.powiat_code, '') AS powiat, i.vocations
		FROM institution_on(`, on, `) i LEFT JOIN teryt_unit_on(`, on, `) v ON v.code = left(i.powiat_code, 2) WHERE`, teaching)
	if code != "" {
		wanted, _ := json.Marshal([]map[string]string{{"code": code}}) // texts are always JSON
		st.Add(" AND i.vocations @> ", st.Param(string(wanted), "jsonb"))
	}
}

// selectVocations begins the statement of vocations with their numbers on a day
// and, with another day, beside them those of that one.
func selectVocations(st *keyset.Statement, day, other effect.Date, voivodeship string) {
	st.Add(`SELECT r.id, r.code, r.name, r.schools, r.voivodeships, r.before FROM (`)
	if other == "" {
		st.Add(`SELECT CAST(md5(n.code) AS uuid) AS id, n.code, n.name, n.schools, n.voivodeships, CAST(NULL AS bigint) AS before FROM (`)
		selectTaught(st, day, voivodeship)
		st.Add(`) n) r WHERE true`)
		return
	}
	st.Add(`SELECT CAST(md5(coalesce(n.code, b.code)) AS uuid) AS id, coalesce(n.code, b.code) AS code, coalesce(n.name, b.name) AS name,
		coalesce(n.schools, 0) AS schools, coalesce(n.voivodeships, 0) AS voivodeships, coalesce(b.schools, 0) AS before FROM (`)
	selectTaught(st, day, voivodeship)
	st.Add(`) n FULL JOIN (`)
	selectTaught(st, other, voivodeship)
	st.Add(`) b ON b.code = n.code) r WHERE true`)
}

func selectTaught(st *keyset.Statement, day effect.Date, voivodeship string) {
	st.Add(`SELECT v.code, coalesce(max(v.name), '') AS name, count(DISTINCT i.id) AS schools, count(DISTINCT left(i.powiat_code, 2)) AS voivodeships
		FROM institution_on(`, st.Param(string(day), "date"), `) i CROSS JOIN LATERAL jsonb_to_recordset(i.vocations) AS v(code text, name text)
		WHERE`, teaching, ` AND v.code <> ''`)
	if voivodeship != "" {
		st.Add(" AND left(i.powiat_code, 2) = ", st.Param(voivodeship, "text"))
	}
	st.Add(" GROUP BY v.code")
}
