// Package web composes the pages of all rooms into one table of routes on one
// server. Rooms (core/web/<room>) export their rows; whoever builds the
// platform passes them here.
package web

import "ore.edu.pl/sieci/core/web/kit"

// New builds the server and fills its table with the rooms' rows. The API is
// put on the same server afterwards (core/api).
func New(cfg kit.Config, rooms ...[]kit.Route) (*kit.Server, error) {
	s, err := kit.New(cfg)
	if err != nil {
		return nil, err
	}
	for _, rows := range rooms {
		s.Add(rows...)
	}
	return s, nil
}
