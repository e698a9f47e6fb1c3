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
	task1   = "01900000-0000-7000-8000-0000000000c1"
)

// byLead is a network in which its coordinator acts, on 24 November 2026.
func byLead() *v1.Snapshot { return sdktest.Snapshot(network, stageWorking, lead, roleCoordinator) }

func TestFounding(t *testing.T) {
	t.Parallel()
	got := sdktest.Command(t, Module{}, typeNetwork, commandFound, map[string]any{"termin": "2027-01-29"}, byLead())
	if len(got.GetEffects()) != 1 {
		t.Fatalf("no task is given: %v", got)
	}
	made := got.GetEffects()[0].GetTaskCreate()
	if made.GetType() != typeLesson || made.GetAssignee().GetNetworkId() != network || made.GetDueAt().AsTime().Format("2006-01-02 15:04") != "2027-01-29 19:00" {
		t.Errorf("another task: %v", made)
	}
	got = sdktest.Command(t, Module{}, typeNetwork, commandFound, map[string]any{"termin": "2026-11-23"}, byLead())
	if len(got.GetEffects()) != 0 || len(got.GetDiagnostics()) != 1 || got.GetDiagnostics()[0].GetPath() != "termin" {
		t.Errorf("a date of yesterday was taken: %v", got)
	}
}

func TestSubmitting(t *testing.T) {
	t.Parallel()
	for text, warnings := range map[string]int{
		"Za mało.": 1,
		"Uczniowie pracowali w parach i sami ułożyli pytania, które zadali drugiej klasie.": 0,
	} {
		got := sdktest.Command(t, Module{}, typeLesson, commandSubmit, map[string]any{"temat": "Ułamki", "wnioski": text}, byLead())
		if len(got.GetDiagnostics()) != warnings {
			t.Errorf("%q: %v", text, got.GetDiagnostics())
		}
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	s := byLead()
	sdktest.Slice(s, sliceTasks, sdktest.Row(s, task1, map[string]any{"title": "Lekcja otwarta", "state": "open",
		"submissions": []map[string]any{{"state": "accepted"}, {"state": "returned"}, {"state": "accepted"}}}, nil))
	_, page := sdktest.View(t, Module{}, &v1.RenderRequest{Type: typeNetwork, View: viewHome, Snapshot: s})
	for _, want := range []string{"Lekcja otwarta", "przyjęto od 2 osób", task1} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not on the page: %s", want, page)
		}
	}
}
