package main

import (
	"strings"
	"testing"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk/sdktest"
)

const (
	network = "01900000-0000-7000-8000-0000000000a1"
	lead    = "01900000-0000-7000-8000-0000000000b1"
	note1   = "01900000-0000-7000-8000-0000000000c1"
)

var tried = map[string]any{"data": "2026-11-20", "proba": "Ocena bez stopni przez miesiąc", "wniosek": "Uczniowie częściej pytają"}

// byLead is a network at a stage, in which its coordinator acts.
func byLead(stage string) *v1.Snapshot {
	return sdktest.Snapshot(network, stage, lead, roleCoordinator)
}

func withNote(s *v1.Snapshot) *v1.Snapshot {
	return sdktest.Slice(s, kindNote, sdktest.Row(s, note1, tried, nil))
}

func TestFounding(t *testing.T) {
	t.Parallel()
	answers := map[string]any{"pytanie": "Jak oceniać, żeby pomagać?", "dla_kogo": "nauczyciele"}
	got := sdktest.Command(t, Module{}, typeNetwork, commandFound, answers, byLead(stagePreparing))
	if len(got.GetEffects()) != 1 || got.GetEffects()[0].GetRecordPut().GetKind() != kindCard {
		t.Errorf("the card is not kept: %v", got)
	}
}

func TestStages(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name     string
		snapshot *v1.Snapshot
		to, code string
	}{
		{"begins", byLead(stagePreparing), stageWorking, ""},
		{"not without notes", byLead(stageWorking), "", "no_notes"},
		{"ends", withNote(byLead(stageWorking)), stageClosed, ""},
		{"nothing follows", withNote(byLead(stageClosed)), "", "last_stage"},
	} {
		got := sdktest.Command(t, Module{}, typeNetwork, commandNext, nil, x.snapshot)
		to, code := "", ""
		for _, e := range got.GetEffects() {
			to = e.GetStageSet().GetTo()
		}
		for _, d := range got.GetDiagnostics() {
			code = d.GetCode()
		}
		if to != x.to || code != x.code {
			t.Errorf("%s: stage %q, refusal %q", x.name, to, code)
		}
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	_, page := sdktest.View(t, Module{}, &v1.RenderRequest{Type: typeNetwork, View: viewHome, Snapshot: withNote(byLead(stageWorking))})
	for _, want := range []string{"Ocena bez stopni przez miesiąc", "Uczniowie częściej pytają", commandNote, commandNext} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not on the page: %s", want, page)
		}
	}
	_, page = sdktest.View(t, Module{}, &v1.RenderRequest{Type: typeNetwork, View: viewHome, Snapshot: withNote(byLead(stageClosed))})
	if strings.Contains(string(page), commandNote) {
		t.Errorf("a closed network offers to write: %s", page)
	}
}
