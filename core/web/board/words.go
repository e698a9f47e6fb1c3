package board

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/ui"
)

func replyHeading(ctx context.Context, blog bool) string {
	if blog {
		return i18n.T(ctx, "board.page.comment")
	}
	return i18n.T(ctx, "board.page.reply")
}

func hasDocuments(list []fileView) bool {
	return slices.ContainsFunc(list, func(f fileView) bool { return !f.Image })
}

func topicValue(t text) string {
	if t.Topic == uuid.Nil {
		return ""
	}
	return t.Topic.String()
}

// moved puts what is said of one field beside another.
func moved(p ui.Problems, from, to string) ui.Problems {
	out := ui.Problems{Message: p.Message, Fields: slices.Clone(p.Fields)}
	for i := range out.Fields {
		if out.Fields[i].Path == from {
			out.Fields[i].Path = to
		}
	}
	return out
}
