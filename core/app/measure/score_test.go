package measure_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// manyAnswers is a questionnaire that the whole country fills in.
const manyAnswers = 100_000

// A hundred thousand answers are counted by the survey's own process, page by
// page over the contract, and what comes out is what the answers say.
func TestManyAnswersAreCounted(t *testing.T) {
	t.Parallel()
	s := tell(t)
	sql := s.DB.SQL()
	var round, urn uuid.UUID
	if err := sql.QueryRowContext(t.Context(), `SELECT id, ballot_id FROM evaluation_round WHERE outcome = 'ready' ORDER BY id LIMIT 1`).Scan(&round, &urn); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`INSERT INTO ballot_answer (id, ballot_id, payload) SELECT gen_random_uuid(), $1, p.payload
			FROM (SELECT payload, count(*) OVER () AS n FROM ballot_answer WHERE ballot_id = $1) p, LATERAL generate_series(1, 1 + $2::int / p.n) g
			LIMIT $2::int - (SELECT count(*) FROM ballot_answer WHERE ballot_id = $1)`,
		`UPDATE ballot SET answers = $2, issued = $2, eligible = $2 WHERE id = $1`,
		`UPDATE evaluation_round SET outcome = CASE WHEN $2::int > 0 THEN 'pending' END, result = NULL WHERE ballot_id = $1`,
	} {
		if _, err := sql.ExecContext(t.Context(), q, urn, manyAnswers); err != nil {
			t.Fatalf("%v in %s", err, q)
		}
	}
	before, began := peaks(t), time.Now()
	if err := s.Evaluations.Score(t.Context(), round); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d answers counted in %v; largest memory of the processes before %v and after %v MB", manyAnswers, time.Since(began).Round(time.Millisecond), before, peaks(t))
	r, err := s.Evaluations.Results(t.Context(), access.Core("test"), round)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r.View)
	if err != nil {
		t.Fatal(err)
	}
	var v node
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	got := shares(v.find("w_cele").Frame.Rows)
	if want := goals(t, s, urn); len(want) < 3 || !slices.Equal(got, want) {
		t.Errorf("shares of the answers about goals\n%q, the answers say\n%q", got, want)
	}
	for _, row := range v.find("m_cele").Rows {
		if n := fmt.Sprint(row[1].V); n != strconv.Itoa(manyAnswers) && n != fmt.Sprint(float64(manyAnswers)) {
			t.Errorf("%v: %s answers", row[0].V, n)
		}
	}
}

// node is a part of a view, as far as this test reads it.
type node struct {
	ID    string   `json:"id"`
	Nodes []node   `json:"nodes"`
	Rows  [][]cell `json:"rows"`
	Frame struct {
		Rows [][]cell `json:"rows"`
	} `json:"frame"`
}

type cell struct {
	V any `json:"v"`
}

func (n *node) find(id string) *node {
	if n.ID == id {
		return n
	}
	for i := range n.Nodes {
		if x := n.Nodes[i].find(id); x.ID == id {
			return x
		}
	}
	return &node{}
}

// shares are the percentages of each statement, without its words.
func shares(rows [][]cell) []string {
	var out []string
	for _, r := range rows {
		var line []string
		for _, c := range r[1:] {
			p, _ := c.V.(float64)
			line = append(line, strconv.FormatFloat(p, 'f', 1, 64))
		}
		out = append(out, strings.Join(line, " "))
	}
	slices.Sort(out)
	return out
}

// goals are the same percentages, counted by PostgreSQL from the answers.
func goals(t *testing.T, s *story, urn uuid.UUID) []string {
	t.Helper()
	rows, err := s.DB.SQL().QueryContext(t.Context(), `SELECT string_agg(to_char(share, 'FM990.0'), ' ' ORDER BY code) FROM (
			SELECT e.key, c.code, 100.0 * count(*) FILTER (WHERE e.value = c.code) / count(*) AS share
			FROM ballot_answer a, LATERAL jsonb_each_text(CAST(a.payload AS jsonb) -> 'cele') e, (VALUES ('1'), ('2'), ('3'), ('4'), ('5')) c (code)
			WHERE a.ballot_id = $1 GROUP BY e.key, c.code) x GROUP BY key ORDER BY 1`, urn)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// peaks are the largest memory (MB) of this process and of its modules so far.
func peaks(t *testing.T) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Fatal(err)
	}
	var own int
	var modules []int
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		var parent, peak int
		for line := range strings.Lines(string(raw)) {
			key, value, _ := strings.Cut(line, ":")
			n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			switch key {
			case "PPid":
				parent = n
			case "VmHWM":
				peak = n >> 10
			}
		}
		switch {
		case filepath.Base(filepath.Dir(name)) == strconv.Itoa(os.Getpid()):
			own = peak
		case parent == os.Getpid():
			modules = append(modules, peak)
		}
	}
	return append([]int{own}, modules...)
}
