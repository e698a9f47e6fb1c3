package app

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
)

var providerID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// identityProviders reads the file of SIECI_OIDC; secrets lie in files of their
// own, so that this one may be shown.
func (c Config) identityProviders() ([]identity.Provider, error) {
	if c.OIDC == "" {
		return nil, nil
	}
	wrong := func(cause error) error { return fault.Wrap(cause, fault.Invalid, "app.oidc", "File", c.OIDC) }
	raw, err := os.ReadFile(c.OIDC)
	if err != nil {
		return nil, wrong(err)
	}
	var list []struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Issuer     string `json:"issuer"`
		ClientID   string `json:"clientId"`
		SecretFile string `json:"secretFile"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, wrong(err)
	}
	out := make([]identity.Provider, 0, len(list))
	seen := map[string]bool{}
	for _, p := range list {
		u, err := url.Parse(p.Issuer)
		if err != nil || u.Scheme != "https" && !isLoopback(u.Hostname()) || !providerID.MatchString(p.ID) || seen[p.ID] || p.Name == "" || p.ClientID == "" {
			return nil, wrong(errors.New("provider " + p.ID))
		}
		secret, err := os.ReadFile(p.SecretFile)
		if err != nil {
			return nil, wrong(err)
		}
		seen[p.ID] = true
		out = append(out, identity.Provider{ID: p.ID, Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, Secret: strings.TrimSpace(string(secret))})
	}
	return out, nil
}
