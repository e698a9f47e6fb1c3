package effect

import (
	"crypto/sha256"
	"sync"

	"ore.edu.pl/sieci/core/form"
)

// formCache keeps the forms of modules parsed. Forms are few (a description is
// bounded) and immutable; the key is the content.
type formCache struct{ m sync.Map }

func (c *formCache) get(d Document) (*form.Form, error) {
	key := sha256.Sum256(d.JSON)
	if f, ok := c.m.Load(key); ok {
		return f.(*form.Form), nil
	}
	f, err := form.Decode(d.JSON)
	if err != nil {
		return nil, err
	}
	c.m.Store(key, f)
	return f, nil
}
