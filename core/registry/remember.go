package registry

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// remembers is how long the register is remembered in memory. Names of places
// change by imports, some times a year; an import in another process shows here
// after that long, one in this process at once.
const remembers = 5 * time.Minute

// mostRemembered bounds each kind of thing; the register has some 60,000.
const mostRemembered = 20_000

// mostListedUnits is as many as there are powiats, and more.
const mostListedUnits = 400

// memory keeps what pages ask of the register over and over. Safe for
// concurrent use.
type memory struct {
	mu     sync.Mutex
	since  time.Time
	units  map[string][]Unit
	places map[uuid.UUID]Institution
	codes  map[string]Unit
}

func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since = time.Time{}
}

// open locks the memory, emptied when it is old.
func (m *memory) open() {
	m.mu.Lock()
	if time.Since(m.since) > remembers || len(m.places) > mostRemembered || len(m.codes) > mostRemembered {
		m.since, m.units, m.places, m.codes = time.Now(), map[string][]Unit{}, map[uuid.UUID]Institution{}, map[string]Unit{}
	}
}

// Units lists territorial units of a kind, by name; parent narrows to those
// below it (a voivodeship's powiats). At most 400: as many as there are powiats.
// They may be five minutes old. The list is shared by all who ask: to be read only.
func (s *Service) Units(ctx context.Context, parent string, kinds ...UnitKind) ([]Unit, error) {
	key := parent
	for _, k := range kinds {
		key += " " + string(k)
	}
	s.memory.open()
	list, ok := s.memory.units[key]
	s.memory.mu.Unlock()
	if ok {
		return list, nil
	}
	list, err := units(ctx, s.db, parent, kinds, s.today(), mostListedUnits)
	if err == nil && len(list) > 0 {
		s.memory.open()
		s.memory.units[key] = slices.Clip(list)
		s.memory.mu.Unlock()
	}
	return list, err
}

// Labels tells what institutions ([RefSchool], by id) or local governments
// ([RefLocalGovernment], by TERC code) are called, in the language of ctx; those
// that do not exist are left out. At most 500. They may be five minutes old.
func (s *Service) Labels(ctx context.Context, kind string, ids []string) (map[string]string, error) {
	switch kind {
	case RefSchool:
		return s.schools(ctx, ids)
	case RefLocalGovernment:
		return s.governments(ctx, ids)
	}
	return map[string]string{}, nil
}

func (s *Service) schools(ctx context.Context, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	var ask []uuid.UUID
	s.memory.open()
	for _, raw := range ids {
		id, err := uuid.Parse(raw)
		if err != nil {
			continue
		}
		if i, ok := s.memory.places[id]; ok {
			out[raw] = i.Label(ctx)
		} else {
			ask = append(ask, id)
		}
	}
	s.memory.mu.Unlock()
	if len(ask) == 0 {
		return out, nil
	}
	found, err := s.Institutions(ctx, nil, ask)
	if err != nil {
		return nil, err
	}
	s.memory.open()
	defer s.memory.mu.Unlock()
	for id, i := range found {
		s.memory.places[id] = i
	}
	for _, raw := range ids {
		if id, err := uuid.Parse(raw); err == nil {
			if i, ok := found[id]; ok {
				out[raw] = i.Label(ctx)
			}
		}
	}
	return out, nil
}

func (s *Service) governments(ctx context.Context, codes []string) (map[string]string, error) {
	out := make(map[string]string, len(codes))
	var ask []string
	s.memory.open()
	for _, c := range codes {
		if u, ok := s.memory.codes[c]; ok {
			out[c] = u.Label(ctx)
		} else {
			ask = append(ask, c)
		}
	}
	s.memory.mu.Unlock()
	if len(ask) == 0 {
		return out, nil
	}
	found, err := unitsOf(ctx, s.db, ask, s.today())
	if err != nil {
		return nil, err
	}
	s.memory.open()
	defer s.memory.mu.Unlock()
	for _, u := range found {
		s.memory.codes[u.Code] = u
		out[u.Code] = u.Label(ctx)
	}
	return out, nil
}
