package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ore.edu.pl/sieci/core/access"
)

// A second step is demanded of administrators wherever others can reach the
// platform, and of nobody on the machine itself.
func TestWhoNeedsASecondStep(t *testing.T) {
	t.Parallel()
	const public = "SIECI_BASE_URL=https://sieci.example"
	for _, c := range []struct {
		env  []string
		want []access.Role
	}{
		{[]string{public}, []access.Role{access.OREAdmin, access.Inspector, access.CentreAdmin, access.InstitutionAdmin, access.Coordinator, access.Expert, access.Evaluator}},
		{[]string{public, "SIECI_SECOND_FACTOR=expert, coordinator"}, []access.Role{access.Expert, access.Coordinator}},
		{[]string{public, "SIECI_SECOND_FACTOR=none"}, nil},
		{nil, nil},
		{[]string{"SIECI_DEV=true", "SIECI_SECOND_FACTOR=expert"}, nil},
	} {
		cfg, err := Read(append(c.env, "SIECI_DATA="+t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.secondFactor(); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.env, got, c.want)
		}
	}
	if _, err := Read([]string{public, "SIECI_SECOND_FACTOR=expret"}); err == nil {
		t.Error("a mistyped role passes")
	}
}

func TestIdentityProviders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	secret := write("secret", "tajne\n")
	one := `{"id":"edu","name":"Edu","issuer":"https://idp.example","clientId":"sieci","secretFile":"` + secret + `"}`
	got, err := Config{OIDC: write("good", "["+one+"]")}.identityProviders()
	if err != nil || len(got) != 1 || got[0].Secret != "tajne" || got[0].Issuer != "https://idp.example" {
		t.Errorf("%v %v", got, err)
	}
	for name, text := range map[string]string{
		"twice": "[" + one + "," + one + "]", "plain": `[{"id":"a","name":"A","issuer":"http://idp.example","clientId":"x","secretFile":"` + secret + `"}]`,
		"no secret": `[{"id":"a","name":"A","issuer":"https://idp.example","clientId":"x","secretFile":"/nic"}]`, "nonsense": "{",
	} {
		if _, err := (Config{OIDC: write("bad", text)}).identityProviders(); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
