package effect_test

import (
	"context"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/job"
)

// The jobs do by themselves what the other tests call by hand: an event reaches
// the module soon after its transaction, and a timer acts when it is due.
func TestJobsDeliverAndFire(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, err := job.New(job.Config{DB: w.db, Access: w.auth, Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	w.e.Jobs(c)
	reached := make(chan string, 10)
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		if a.Input.InputKind() != "command" {
			reached <- a.Input.InputKind()
			return &effect.Answer{}, nil
		}
		return &effect.Answer{Effects: []effect.Item{setTimer(w, start)}}, nil
	}
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
	w.emit("thing.made")
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	got := map[string]int{}
	deadline := time.After(30 * time.Second)
	for len(got) < 2 {
		select {
		case kind := <-reached:
			got[kind]++
		case <-deadline:
			t.Fatalf("reached the module: %v", got)
		}
	}
	if got["event"] != 1 || got["timer"] != 1 {
		t.Errorf("reached the module: %v", got)
	}
}
