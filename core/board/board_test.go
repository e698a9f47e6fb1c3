package board_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/idem"
)

func TestThreadRepliesUnread(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	if n := len(w.Letters.To(w.ben.Person, "board.notice.new_forum")); n != 1 {
		t.Errorf("Ben was told %d times of the thread", n)
	}
	if n := len(w.Letters.To(w.anna.Person, "board.notice.new_forum")); n != 0 {
		t.Error("the author was told of her own thread")
	}
	p := w.read(w.ben, id, 1)
	if p.Thread.Unread != 1 || p.Posts[0].HTML.String() != "<p>Czy <strong>kryteria</strong> pomagają?</p>" || p.Posts[0].Author != "Anna Nowak" {
		t.Fatalf("%+v", p)
	}
	ok(t, "mark", w.s.MarkRead(t.Context(), w.ben, p))
	if p = w.read(w.ben, id, 1); p.Thread.Unread != 0 {
		t.Errorf("still %d unread", p.Thread.Unread)
	}
	for i := range 3 {
		w.reply(w.lead, id, fmt.Sprintf("Odpowiedź %d", i))
	}
	if n := len(w.Letters.To(w.anna.Person, "board.notice.reply_forum")); n != 1 {
		t.Errorf("the author was told %d times of three replies that she did not read, want once", n)
	}
	if n := len(w.Letters.To(w.ben.Person, "board.notice.reply_forum")); n != 0 {
		t.Errorf("Ben, who follows nothing, was told %d times", n)
	}
	seq, err := w.s.FirstUnread(t.Context(), w.ben, id)
	ok(t, "first unread", err)
	list, err := w.s.Threads(t.Context(), w.ben, w.network, true, "")
	ok(t, "list", err)
	if seq != 2 || len(list.Items) != 1 || list.Items[0].Unread != 3 || list.Items[0].Posts != 4 || list.Items[0].LastAuthor != "Karol Koordynator" {
		t.Errorf("first unread %d, list %+v", seq, list.Items)
	}
	ok(t, "read on", w.s.MarkRead(t.Context(), w.anna, w.read(w.anna, id, 1)))
	w.reply(w.lead, id, "Jeszcze jedna")
	if n := len(w.Letters.To(w.anna.Person, "board.notice.reply_forum")); n != 2 {
		t.Errorf("after reading she was told %d times, want 2", n)
	}
	ok(t, "all read", w.s.MarkAllRead(w.ctx(), w.ben, w.network))
	if list, err = w.s.Threads(t.Context(), w.ben, w.network, true, ""); err != nil || len(list.Items) != 0 {
		t.Errorf("%d threads unread, %v", len(list.Items), err)
	}
	if role := w.read(w.ben, id, 1).Posts[1].AuthorRole; role != "coordinator" {
		t.Errorf("badge %q", role)
	}
}

func TestFollowing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	dora := w.Actor(w.Member("Dora Dąb", access.Participant, w.network))
	ok(t, "all", w.s.SetLevel(w.ctx(), w.ben, w.network, board.All))
	ok(t, "none", w.s.SetLevel(w.ctx(), dora, w.network, board.None))
	want(t, "level", w.s.SetLevel(w.ctx(), dora, w.network, "some"), fault.Invalid, "board.level_missing")
	id := w.start()
	told := func(a *access.Actor, key string) int { return len(w.Letters.To(a.Person, key)) }
	if told(w.ben, "board.notice.new_forum") != 1 || told(dora, "board.notice.new_forum") != 0 {
		t.Error("levels did not decide who hears of the thread")
	}
	w.reply(w.lead, id, "a")
	if told(w.ben, "board.notice.reply_forum") != 0 {
		t.Error("Ben was told of a reply before he looked at the thread")
	}
	ok(t, "read", w.s.MarkRead(t.Context(), w.ben, w.read(w.ben, id, 1)))
	w.reply(w.lead, id, "b")
	if told(w.ben, "board.notice.reply_forum") != 1 {
		t.Error("Ben follows everything and was not told")
	}
	ok(t, "unfollow", w.s.Follow(w.ctx(), w.ben, id, false))
	ok(t, "follow", w.s.Follow(w.ctx(), dora, id, true))
	ok(t, "read", w.s.MarkRead(t.Context(), w.ben, w.read(w.ben, id, 1)))
	w.reply(w.lead, id, "c")
	if told(w.ben, "board.notice.reply_forum") != 1 || told(dora, "board.notice.reply_forum") != 1 {
		t.Error("following one thread did not decide")
	}
	w.Leave(dora.Person, w.network)
	w.Exec(`UPDATE board_mark SET read_seq = 100 WHERE person_id = $1`, dora.Person)
	w.reply(w.lead, id, "d")
	if told(dora, "board.notice.reply_forum") != 1 {
		t.Error("somebody who left was told")
	}
	if !w.read(w.anna, id, 1).Thread.Follow || w.read(w.ben, id, 1).Thread.Follow {
		t.Error("the page says otherwise")
	}
}

func TestTwentyReplyAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	ctx := idem.With(t.Context(), idem.NewKey())
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := w.s.Reply(w.ctx(), w.ben, id, fmt.Sprintf("wpis %d", i), nil); err != nil {
				t.Error(err)
			}
			if _, err := w.s.Reply(ctx, w.ben, id, "ten sam", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	p := w.read(w.ben, id, 1)
	if p.Thread.Posts != 22 || len(p.Posts) != 22 {
		t.Errorf("%d posts counted, %d read, want 22", p.Thread.Posts, len(p.Posts))
	}
	for i, x := range p.Posts {
		if x.Seq != i+1 {
			t.Fatalf("post %d has number %d", i+1, x.Seq)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.Fill(w.network, []uuid.UUID{w.anna.Person, w.ben.Person}, 2, 1001)
	list, err := w.s.Threads(t.Context(), w.ben, w.network, false, "")
	ok(t, "list", err)
	if len(list.Items) != 2 || list.Items[0].Posts+list.Items[1].Posts != 1001 {
		t.Fatalf("%+v", list.Items)
	}
	id, n := list.Items[0].ID, 0
	first := w.read(w.ben, id, 1)
	for page := 1; page <= first.Pages; page++ {
		p := w.read(w.ben, id, page)
		for _, x := range p.Posts {
			n++
			if x.Seq != n || board.PageOf(x.Seq) != page || x.HTML.IsZero() {
				t.Fatalf("page %d: %+v", page, x)
			}
		}
	}
	if n != list.Items[0].Posts || first.Pages != 17 {
		t.Errorf("%d posts on %d pages", n, first.Pages)
	}
	_, err = w.s.Read(t.Context(), w.ben, id, 18)
	want(t, "beyond the last page", err, fault.NotFound)
	w.Fill(w.network, []uuid.UUID{w.anna.Person}, 70, 70)
	ok(t, "pin", w.s.SetFlags(w.ctx(), w.lead, id, true, false))
	seen, cursor := map[uuid.UUID]bool{}, ""
	for {
		list, err = w.s.Threads(t.Context(), w.ben, w.network, false, cursor)
		ok(t, "list", err)
		if len(seen) == 0 && list.Items[0].ID != id {
			t.Error("the pinned thread is not first")
		}
		for _, x := range list.Items {
			if seen[x.ID] {
				t.Error("a thread twice")
			}
			seen[x.ID] = true
		}
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if len(seen) != 72 {
		t.Errorf("%d threads in all pages, want 72", len(seen))
	}
	_, err = w.s.Threads(t.Context(), w.ben, w.network, false, "xx")
	want(t, "cursor", err, fault.Invalid)
}

func TestEditDeleteAdd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	post := w.read(w.anna, id, 1).Posts[0]
	want(t, "somebody else's", w.s.Edit(w.ctx(), w.lead, post.ID, 1, "", "Inaczej"), fault.NotFound)
	ok(t, "edit", w.s.Edit(w.ctx(), w.anna, post.ID, 1, "Jak oceniać uczniów?", "Inaczej"))
	want(t, "second editor", w.s.Edit(w.ctx(), w.anna, post.ID, 1, "", "Jeszcze inaczej"), fault.Conflict, "board.stale")
	p := w.read(w.ben, id, 1)
	if p.Thread.Title != "Jak oceniać uczniów?" || p.Posts[0].EditedAt == nil || p.Posts[0].HTML.String() != "<p>Inaczej</p>" {
		t.Errorf("%+v", p)
	}
	rev, err := w.s.Revisions(t.Context(), w.lead, post.ID)
	if err != nil || len(rev) != 1 || rev[0].Body != "Czy **kryteria** pomagają?" {
		t.Errorf("%+v, %v", rev, err)
	}
	_, err = w.s.Revisions(t.Context(), w.ben, post.ID)
	want(t, "revisions for members", err, fault.NotFound)
	want(t, "early addendum", w.s.Add(w.ctx(), w.anna, post.ID, "x"), fault.Conflict, "board.too_early")
	mine := w.reply(w.ben, id, "usunę to")
	gone, err := w.s.Delete(w.ctx(), w.ben, mine)
	if err != nil || gone {
		t.Fatal(gone, err)
	}
	p = w.read(w.ben, id, 1)
	if x := p.Posts[1]; x.State != board.Deleted || !x.HTML.IsZero() || x.Seq != 2 {
		t.Errorf("tombstone %+v", x)
	}
	var left int
	ok(t, "count", w.DB.Get(t.Context(), &left, `SELECT count(*) FROM board_post WHERE body LIKE '%usunę%' OR plain LIKE '%usunę%'`))
	if left != 0 {
		t.Error("the words of a deleted post stayed")
	}
	w.Clock.Advance(board.EditTime)
	want(t, "late edit", w.s.Edit(w.ctx(), w.anna, post.ID, 2, "", "Za późno"), fault.Conflict, "board.too_late")
	_, err = w.s.Delete(w.ctx(), w.anna, post.ID)
	want(t, "late delete", err, fault.Conflict, "board.too_late")
	ok(t, "add", w.s.Add(w.ctx(), w.anna, post.ID, "PS **ważne**"))
	want(t, "add twice", w.s.Add(w.ctx(), w.anna, post.ID, "PS"), fault.Conflict, "board.added_already")
	if x := w.read(w.ben, id, 1).Posts[0]; x.AddendumHTML.String() != "<p>PS <strong>ważne</strong></p>" || x.AddendumAt == nil {
		t.Errorf("%+v", x)
	}
	// A thread that nobody answered goes whole.
	id = w.start()
	gone, err = w.s.Delete(w.ctx(), w.anna, w.read(w.anna, id, 1).Posts[0].ID)
	if err != nil || !gone {
		t.Fatal(gone, err)
	}
	_, err = w.s.Read(t.Context(), w.anna, id, 1)
	want(t, "deleted thread", err, fault.NotFound)
}

func TestTextsAndFilesAreChecked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, err := w.s.Start(w.ctx(), w.anna, w.network, board.Forum, board.Entry{Title: "  x ", Body: " \n "})
	want(t, "empty", err, fault.Invalid, "board.title_length", "board.body_missing")
	_, err = w.s.Start(w.ctx(), w.anna, w.network, board.Forum, board.Entry{Title: "Długi", Body: strings.Repeat("ż", board.MaxBody+1)})
	want(t, "long", err, fault.Invalid, "board.text_long")
	img, doc := w.upload(w.anna, "mapa.png", picture()), w.upload(w.anna, "scenariusz.txt", []byte("Scenariusz lekcji\n"))
	in := board.Entry{Title: "Scenariusz", Body: "W załączniku", Files: []board.Attachment{{ID: img}, {ID: doc}}}
	_, err = w.s.Start(w.ctx(), w.anna, w.network, board.Forum, in)
	want(t, "no alt", err, fault.Invalid, "board.alt_missing")
	_, err = w.s.Start(w.ctx(), w.ben, w.network, board.Forum, in)
	want(t, "somebody else's files", err, fault.Invalid, "file.gone", "file.gone")
	in.Files[0].Alt = "Mapa klasy"
	_, err = w.s.Start(w.ctx(), w.anna, w.network, board.Blog, in)
	want(t, "blog", err, fault.Invalid, "board.topic_missing", "board.licence_missing", "board.licence_missing")
	in.NewTopic, in.Files[0].Licence, in.Files[1].Licence = "Ocenianie", "cc-by", "reserved"
	id, err := w.s.Start(w.ctx(), w.anna, w.network, board.Blog, in)
	ok(t, "blog", err)
	f := w.read(w.ben, id, 1).Posts[0].Files
	if len(f) != 2 || f[0].Alt != "Mapa klasy" || !f[0].Image() || f[1].Name != "scenariusz.txt" || f[1].Licence != "reserved" {
		t.Errorf("%+v", f)
	}
	if _, err := w.files.Get(t.Context(), w.ben, doc); err != nil {
		t.Errorf("a member does not get the file: %v", err)
	}
	_, err = w.files.Get(t.Context(), w.Actor(w.Person("Obcy", "", "", uuid.Nil)), doc)
	want(t, "stranger's download", err, fault.NotFound)
	w.Clock.Advance(time.Hour)
	ok(t, "an entry is edited later too", w.s.Edit(w.ctx(), w.anna, w.read(w.anna, id, 1).Posts[0].ID, 1, "", "Poprawiony"))
}

func TestModerationAndAppeal(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	post := w.reply(w.ben, id, "ostre słowa")
	want(t, "a member hides", w.s.Hide(w.ctx(), w.anna, post, "x"), fault.NotFound)
	want(t, "no reason", w.s.Hide(w.ctx(), w.lead, post, " "), fault.Invalid, "board.reason_missing")
	ok(t, "report", w.s.Report(w.ctx(), w.anna, post, "Obraża"))
	want(t, "report twice", w.s.Report(w.ctx(), w.anna, post, "Obraża"), fault.Conflict, "board.reported_already")
	want(t, "report one's own", w.s.Report(w.ctx(), w.ben, post, "x"), fault.Forbidden)
	if m := w.Letters.To(w.lead.Person, "board.notice.reported"); len(m) != 1 || !m[0].Mail {
		t.Errorf("the coordinator got %+v", m)
	}
	if todo := w.todo(w.lead); len(todo) != 1 || todo[0].Kind != "reports" || todo[0].N != 1 {
		t.Errorf("to do: %+v", todo)
	}
	if todo := w.todo(w.centre); len(todo) != 0 {
		t.Errorf("the centre has to do: %+v", todo)
	}
	_, reports, err := w.s.Reports(t.Context(), w.lead, w.network)
	if err != nil || len(reports) != 1 || reports[0].Reasons[0] != "Obraża" || reports[0].Words != "ostre słowa" {
		t.Fatalf("%+v, %v", reports, err)
	}
	ok(t, "hide", w.s.Hide(w.ctx(), w.lead, post, "Obraża innych"))
	want(t, "hide twice", w.s.Hide(w.ctx(), w.lead, post, "x"), fault.Conflict, "board.hidden_already")
	m := w.Letters.To(w.ben.Person, "board.notice.hidden")
	if len(m) != 1 || !m[0].Mail || m[0].Args["Reason"] != "Obraża innych" || m[0].Link != board.PostPath(w.network, post)+"/odwolanie" {
		t.Errorf("the author got %+v", m)
	}
	if len(w.Letters.To(w.anna.Person, "board.notice.report_hidden")) != 1 || len(w.todo(w.lead)) != 0 {
		t.Error("the report was not answered")
	}
	for who, sees := range map[*access.Actor]bool{w.anna: false, w.ben: true, w.lead: true} {
		p := w.read(who, id, 1).Posts[1]
		if p.State != board.Hidden || p.HTML.IsZero() == sees || p.Hiding.Reason != "Obraża innych" || p.Hiding.Role != "coordinator" {
			t.Errorf("%v reads %+v", who.Person, p)
		}
	}
	want(t, "somebody else appeals", w.s.Appeal(w.ctx(), w.anna, post, "x"), fault.NotFound)
	w.Leave(w.ben.Person, w.network)
	ben := w.Actor(w.ben.Person)
	page, err := w.s.Post(t.Context(), ben, post)
	if err != nil || page.Post.Body != "ostre słowa" || !page.Post.May.Appeal {
		t.Fatalf("the author does not reach the appeal after leaving: %v", err)
	}
	ok(t, "appeal", w.s.Appeal(w.ctx(), ben, post, "To był żart"))
	want(t, "appeal twice", w.s.Appeal(w.ctx(), ben, post, "x"), fault.Conflict, "board.appealed_already")
	if m := w.Letters.To(w.centre.Person, "board.notice.appeal"); len(m) != 1 || !m[0].Mail {
		t.Errorf("the centre got %+v", m)
	}
	todo := w.todo(w.centre)
	if len(todo) != 1 || todo[0].Kind != "appeal" || len(w.todo(w.lead)) != 0 {
		t.Fatalf("to do: %+v", todo)
	}
	_, err = w.s.OneAppeal(t.Context(), w.lead, todo[0].ID)
	want(t, "the coordinator reads the appeal", err, fault.NotFound)
	other := w.Actor(w.Person("Inna Placówka", access.CentreAdmin, access.Centre, uuid.New()))
	want(t, "another centre decides", w.s.Decide(w.ctx(), other, todo[0].ID, true, "x"), fault.NotFound)
	list, err := w.s.Appeals(t.Context(), w.centre)
	if err != nil || len(list) != 1 || list[0].Appeal != "To był żart" || !list[0].May {
		t.Fatalf("%+v, %v", list, err)
	}
	ok(t, "restore", w.s.Decide(w.ctx(), w.centre, todo[0].ID, true, "Mieści się w dyskusji"))
	want(t, "decide twice", w.s.Decide(w.ctx(), w.centre, todo[0].ID, false, "x"), fault.Conflict, "board.decided")
	if p := w.read(w.anna, id, 1).Posts[1]; p.State != board.Shown || p.HTML.IsZero() {
		t.Errorf("restored post %+v", p)
	}
	if len(w.Letters.To(w.ben.Person, "board.notice.restored")) != 1 || len(w.Letters.To(w.lead.Person, "board.notice.judged_restored")) != 1 {
		t.Error("both sides were not told")
	}
	w.auditHas("board:hide", "board:appeal", "board:judge", "board:report")
}

// Nobody judges an act of their own, and what the centre upheld stays hidden.
func TestNobodyJudgesThemselves(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	post := w.reply(w.lead, id, "wpis koordynatora")
	ok(t, "report", w.s.Report(w.ctx(), w.anna, post, "Sam siebie nie osądzi"))
	want(t, "judges own post", w.s.Keep(w.ctx(), w.lead, post), fault.Forbidden)
	want(t, "hides own post", w.s.Hide(w.ctx(), w.lead, post, "x"), fault.Forbidden)
	if len(w.todo(w.lead)) != 0 || len(w.todo(w.centre)) != 1 || len(w.Letters.To(w.centre.Person, "board.notice.reported")) != 1 {
		t.Error("a report on the coordinator did not go to the centre")
	}
	ok(t, "the centre hides", w.s.Hide(w.ctx(), w.centre, post, "Powód"))
	ok(t, "appeal", w.s.Appeal(w.ctx(), w.lead, post, "Nie zgadzam się"))
	list, err := w.s.Appeals(t.Context(), w.centre)
	if err != nil || len(list) != 1 || list[0].May {
		t.Fatalf("%+v, %v", list, err)
	}
	want(t, "decides about own act", w.s.Decide(w.ctx(), w.centre, list[0].ID, false, "x"), fault.Forbidden)
	ore := w.Actor(w.Person("ORE", access.OREAdmin, access.Platform, uuid.Nil))
	if len(w.todo(ore)) != 1 {
		t.Error("ORE has nothing to do")
	}
	ok(t, "ORE upholds", w.s.Decide(w.ctx(), ore, list[0].ID, false, "Słusznie"))
	want(t, "lifted after the decision", w.s.Lift(w.ctx(), w.centre, post), fault.Conflict, "board.decided")
	second := w.reply(w.ben, id, "drugi")
	ok(t, "hide", w.s.Hide(w.ctx(), w.lead, second, "Pomyłka"))
	ok(t, "lift", w.s.Lift(w.ctx(), w.lead, second))
	ok(t, "hide again", w.s.Hide(w.ctx(), w.lead, second, "Jednak"))
	if len(w.Letters.To(w.ben.Person, "board.notice.lifted")) != 1 {
		t.Error("the author was not told")
	}
}

func (w *world) todo(a *access.Actor) []board.Todo {
	w.T.Helper()
	part, asks := w.s.AskTodo(a)
	if !asks {
		return nil
	}
	f, err := gather.All(w.T.Context(), w.DB, gather.Query{Person: a.Person, Now: w.Clock.Now(), Limit: 10}, part)
	ok(w.T, "to do", err)
	out, err := w.s.ReadTodo(f)
	ok(w.T, "to do", err)
	return out
}

func (w *world) auditHas(actions ...string) {
	w.T.Helper()
	for _, a := range actions {
		var n int
		ok(w.T, "audit", w.DB.Get(w.T.Context(), &n, `SELECT count(*) FROM audit_event WHERE action = $1 AND scope_id = $2`, a, w.network))
		if n == 0 {
			w.T.Errorf("no audit entry %s", a)
		}
	}
}

// Who is not in the network finds nothing; in a closed network nobody writes.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	post := w.read(w.anna, id, 1).Posts[0].ID
	elsewhere := w.Network("Inna sieć")
	former := w.Member("Była Uczestniczka", access.Participant, w.network)
	w.Leave(former, w.network)
	outsiders := map[string]*access.Actor{
		"stranger": w.Actor(w.Person("Obca", "", "", uuid.Nil)), "member elsewhere": w.Actor(w.Member("Sąsiad", access.Coordinator, elsewhere)), "former": w.Actor(former),
		"inspector": w.Actor(w.Person("Inspektor", access.Inspector, access.Platform, uuid.Nil)), "guest": {},
	}
	calls := map[string]func(a *access.Actor) error{
		"list":   func(a *access.Actor) error { _, err := w.s.Threads(t.Context(), a, w.network, false, ""); return err },
		"read":   func(a *access.Actor) error { _, err := w.s.Read(t.Context(), a, id, 1); return err },
		"post":   func(a *access.Actor) error { _, err := w.s.Post(t.Context(), a, post); return err },
		"unread": func(a *access.Actor) error { _, err := w.s.FirstUnread(t.Context(), a, id); return err },
		"entries": func(a *access.Actor) error {
			_, err := w.s.Entries(t.Context(), a, w.network, uuid.Nil, "")
			return err
		},
		"stats": func(a *access.Actor) error {
			_, err := w.s.Stats(t.Context(), a, w.network, time.Time{}, w.Clock.Now())
			return err
		},
		"export": func(a *access.Actor) error {
			return w.s.Export(t.Context(), a, w.network, func(board.Exported) error { return nil })
		},
		"start": func(a *access.Actor) error {
			_, err := w.s.Start(w.ctx(), a, w.network, board.Forum, board.Entry{Title: "Tytuł", Body: "x"})
			return err
		},
		"reply":  func(a *access.Actor) error { _, err := w.s.Reply(w.ctx(), a, id, "x", nil); return err },
		"edit":   func(a *access.Actor) error { return w.s.Edit(w.ctx(), a, post, 1, "", "x") },
		"delete": func(a *access.Actor) error { _, err := w.s.Delete(w.ctx(), a, post); return err },
		"report": func(a *access.Actor) error { return w.s.Report(w.ctx(), a, post, "x") },
		"hide":   func(a *access.Actor) error { return w.s.Hide(w.ctx(), a, post, "x") },
		"flags":  func(a *access.Actor) error { return w.s.SetFlags(w.ctx(), a, id, true, true) },
		"follow": func(a *access.Actor) error { return w.s.Follow(w.ctx(), a, id, true) },
		"level":  func(a *access.Actor) error { return w.s.SetLevel(w.ctx(), a, w.network, board.All) },
	}
	for who, a := range outsiders {
		for what, call := range calls {
			kind := fault.NotFound
			if who == "guest" {
				kind = fault.Unauthenticated
			}
			want(t, who+" "+what, call(a), kind)
		}
	}
	writes := []string{"start", "reply", "edit", "delete"}
	w.Close(w.network)
	for _, what := range writes {
		want(t, "closed: "+what, calls[what](w.anna), fault.Conflict, "board.over")
	}
	want(t, "closed: flags", calls["flags"](w.lead), fault.Conflict, "board.over")
	for _, what := range []string{"list", "read", "stats", "export"} {
		ok(t, "closed: "+what, calls[what](w.anna))
	}
	if p := w.read(w.anna, id, 1); p.Network.Open || p.Network.May.Post || p.Posts[0].May.Edit || p.Posts[0].May.Quote {
		t.Errorf("a closed network offers writing: %+v", p.Network)
	}
	ok(t, "what is unlawful can be hidden in a closed network", w.s.Hide(w.ctx(), w.lead, post, "Narusza prawo"))
}

func TestClosedThreadTakesNoReply(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	ok(t, "close", w.s.SetFlags(w.ctx(), w.lead, id, false, true))
	_, err := w.s.Reply(w.ctx(), w.ben, id, "x", nil)
	want(t, "reply", err, fault.Conflict, "board.closed")
	ok(t, "open", w.s.SetFlags(w.ctx(), w.lead, id, false, false))
	w.reply(w.ben, id, "x")
}

func TestBlogs(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, err := w.s.Start(w.ctx(), w.anna, w.network, board.Blog, board.Entry{Title: "Karta oceny", Body: "Moja lekcja", NewTopic: "Ocenianie"})
	ok(t, "entry", err)
	w.reply(w.ben, id, "komentarz")
	_, topics, err := w.s.Topics(t.Context(), w.ben, w.network)
	if err != nil || len(topics) != 1 || topics[0].Title != "Ocenianie" || topics[0].Entries != 1 {
		t.Fatalf("%+v, %v", topics, err)
	}
	if _, err = w.s.Start(w.ctx(), w.ben, w.network, board.Blog, board.Entry{Title: "Drugi", Body: "x", Topic: topics[0].ID}); err != nil {
		t.Fatal(err)
	}
	list, err := w.s.Entries(t.Context(), w.lead, w.network, topics[0].ID, "")
	if err != nil || len(list.Items) != 2 || list.Items[1].Lead != "Moja lekcja" || list.Items[1].Posts != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	stranger := w.Actor(w.Person("Sąsiadka", "", "", uuid.Nil))
	blogs, err := w.s.Blogs(t.Context(), stranger, "")
	if err != nil || len(blogs.Items) != 0 {
		t.Fatalf("a stranger reads %+v, %v", blogs.Items, err)
	}
	_, err = w.s.Read(t.Context(), stranger, id, 1)
	want(t, "not shared", err, fault.NotFound)
	want(t, "a member shares", w.s.Share(w.ctx(), w.anna, id, true), fault.NotFound)
	ok(t, "share", w.s.Share(w.ctx(), w.lead, id, true))
	p := w.read(stranger, id, 1)
	if len(p.Posts) != 1 || p.Network.May.View || p.Posts[0].May.Quote || p.Posts[0].May.Report {
		t.Errorf("a stranger reads %+v", p)
	}
	if blogs, err = w.s.Blogs(t.Context(), stranger, ""); err != nil || len(blogs.Items) != 1 || len(blogs.Topics) != 1 {
		t.Errorf("%+v, %v", blogs, err)
	}
	if blogs, err = w.s.BlogOf(t.Context(), stranger, topics[0].ID, ""); err != nil || len(blogs.Items) != 1 {
		t.Errorf("%+v, %v", blogs, err)
	}
	ok(t, "hide", w.s.Hide(w.ctx(), w.lead, p.Posts[0].ID, "Powód"))
	_, err = w.s.Read(t.Context(), stranger, id, 1)
	want(t, "hidden", err, fault.NotFound)
	if l, err := w.s.Entries(t.Context(), w.ben, w.network, uuid.Nil, ""); err != nil || l.Items[1].Title != "" || l.Items[1].Lead != "" {
		t.Errorf("a hidden entry shows %+v", l.Items[1])
	}
}

func TestStatsExportLatest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	from := w.Clock.Now()
	id := w.start()
	w.Clock.Advance(time.Minute)
	hidden := w.reply(w.ben, id, "do ukrycia")
	w.Clock.Advance(time.Minute)
	w.reply(w.lead, id, "ostatni wpis")
	ok(t, "hide", w.s.Hide(w.ctx(), w.lead, hidden, "x"))
	got, err := w.s.Stats(t.Context(), w.anna, w.network, from, w.Clock.Now().Add(time.Second))
	if err != nil || got != (board.Stats{Threads: 1, Posts: 2, Authors: 2, Hidden: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	var all []board.Exported
	ok(t, "export", w.s.Export(t.Context(), w.lead, w.network, func(x board.Exported) error { all = append(all, x); return nil }))
	if len(all) != 1 || len(all[0].All) != 3 || !all[0].All[1].HTML.IsZero() || all[0].All[0].HTML.IsZero() {
		t.Errorf("%+v", all)
	}
	stop := errors.New("stop")
	if err := w.s.Export(t.Context(), w.lead, w.network, func(board.Exported) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	part, _ := w.s.AskLatest(w.anna, w.network)
	f, err := gather.All(t.Context(), w.DB, gather.Query{Person: w.anna.Person, Scope: w.network, Now: w.Clock.Now(), Limit: 5}, part)
	ok(t, "latest", err)
	latest, err := w.s.ReadLatest(f)
	if err != nil || len(latest) != 2 || latest[0].Words != "ostatni wpis" || latest[0].Title != "Jak oceniać?" {
		t.Errorf("%+v, %v", latest, err)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start()
	post := w.reply(w.ben, id, "> cytat cudzy\n\nMoje *słowa*")
	p, err := w.s.Post(t.Context(), w.anna, post)
	ok(t, "post", err)
	q := p.Quote("Ben Bęben, 24 listopada")
	if want := "> [Ben Bęben, 24 listopada](" + board.PostPath(w.network, post) + "):\n>\n> Moje słowa\n\n"; q != want {
		t.Errorf("got %q want %q", q, want)
	}
}

// A page of the forum and a page of a thread cost two statements beside the session.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.Fill(w.network, []uuid.UUID{w.anna.Person}, 40, 600)
	list, err := w.s.Threads(t.Context(), w.ben, w.network, false, "")
	ok(t, "list", err)
	for name, call := range map[string]func() error{
		"list": func() error { _, err := w.s.Threads(t.Context(), w.ben, w.network, false, ""); return err },
		"read": func() error { _, err := w.s.Read(t.Context(), w.ben, list.Items[0].ID, 1); return err },
		"entries": func() error {
			_, err := w.s.Entries(t.Context(), w.ben, w.network, uuid.Nil, "")
			return err
		},
		"blogs": func() error { _, err := w.s.Blogs(t.Context(), w.ben, ""); return err },
	} {
		before := w.DB.RoundTrips()
		ok(t, name, call())
		if n := w.DB.RoundTrips() - before; n > 2 {
			t.Errorf("%s: %d round trips", name, n)
		}
	}
}
