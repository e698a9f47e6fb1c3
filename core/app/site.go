package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/help"
)

// site reads the facts about the installation that its public pages state
// (who runs it, contact, accessibility declaration) from SIECI_SITE, by default
// site.json in the data folder. What the file leaves out, and everything where
// there is no file, is an invented example on reserved addresses.
func (b *base) site() (help.Settings, error) {
	s := help.Example(b.Config.BaseURL)
	path := b.Config.Site
	if path == "" {
		path = filepath.Join(b.Config.Data, "site.json")
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && b.Config.Site == "" {
		return s, nil
	}
	if err != nil {
		return s, fault.Wrap(err, fault.Invalid, "app.site", "File", path)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := errors.Join(d.Decode(&s), s.Validate()); err != nil {
		return s, fault.Wrap(err, fault.Invalid, "app.site", "File", path)
	}
	return s, nil
}
