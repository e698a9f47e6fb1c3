// Package files is where uploaded files are fetched: always as a download,
// never shown by the browser.
package files

import (
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/web/kit"
)

// Path of a file is Path + "/" + its id.
const Path = "/pliki"

// Deps are what the pages need.
type Deps struct{ Files *file.Service }

// Routes are the rows of this room. Who may fetch a file is the business of
// what it is attached to; the service asks.
func Routes(d Deps) []kit.Route {
	return []kit.Route{
		kit.Get(Path+"/:id", kit.SignedIn, func(c *kit.Ctx) error {
			id, err := c.UUID("id")
			if err != nil {
				return err
			}
			f, err := d.Files.Open(c.Context(), c.Actor(), id)
			if err != nil {
				return err
			}
			defer f.Close()
			return c.Download(f.Name, f.MediaType, f.Size, f)
		}),
	}
}
