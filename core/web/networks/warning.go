package networks

import (
	"context"
	"errors"

	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
)

// warning is a module's warning with what was typed as the reason.
type warning struct{ Name, Text, Value string }

// reasonLabel tells the fields for reasons apart when there are several.
func reasonLabel(ctx context.Context, i, n int) string {
	if n == 1 {
		return i18n.T(ctx, "networks.reason_label")
	}
	return i18n.T(ctx, "networks.reason_n", "N", i+1, "Of", n)
}

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
