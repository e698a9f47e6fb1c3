package networks

import (
	"errors"

	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
)

// warning is a module's warning with what was typed as the reason.
type warning struct{ Name, Text, Value string }

// warningsOf are the warnings of an error that a reason overcomes; none for
// other errors.
func warningsOf(c *kit.Ctx, err error) []warning {
	var need *network.ReasonError
	if !errors.As(err, &need) {
		return nil
	}
	var out []warning
	for _, d := range need.Warnings {
		name := network.ReasonPath(d)
		out = append(out, warning{Name: name, Text: d.Text, Value: c.Form().Text(name)})
	}
	return out
}
