// Package facade is the one place where the wire and the core meet: conversion
// between sieci.plugin.v1 and core/effect, the deadline of calls, and the prefix
// of their errors. Nothing else in the core knows the generated types. A second
// major of the contract becomes a second type beside [V1].
package facade

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// CallTimeout is the deadline of one call, unless the context's is nearer.
const CallTimeout = 5 * time.Second

// ErrDied means that the process went away in the middle of the call; the call
// may be repeated on another one, because calls change nothing.
var ErrDied = errors.New("module process died")

// V1 speaks sieci.plugin.v1 with one process. Safe for concurrent use.
type V1 struct {
	id     string
	client pluginv1.ModuleClient
	tool   pluginv1.EvaluationToolClient
}

// NewV1 speaks through an open client with the module of the id.
func NewV1(id string, c *sdk.Client) *V1 {
	return &V1{id: id, client: c.Module, tool: c.Tool}
}

// Describe asks what the module is. The description is converted, not yet linted.
func (v *V1) Describe(ctx context.Context, coreVersion string) (*effect.Description, error) {
	return v.DescribeTo(ctx, coreVersion, sdk.ContractRevision)
}

// DescribeTo asks in the name of a core of another contract revision.
func (v *V1) DescribeTo(ctx context.Context, coreVersion string, revision uint32) (*effect.Description, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	res, err := v.client.Describe(ctx, &pluginv1.DescribeRequest{CoreVersion: coreVersion, ContractRevision: revision})
	if err != nil {
		return nil, v.fail("Describe", err)
	}
	d := &decoder{}
	out := d.description(res)
	if d.err != nil {
		return nil, v.bad("Describe", d.err)
	}
	return out, nil
}

// Decide asks for a decision.
func (v *V1) Decide(ctx context.Context, a *effect.Ask) (*effect.Answer, error) {
	req, err := decideRequest(a)
	if err != nil {
		return nil, v.bad("Decide", err)
	}
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	res, err := v.client.Decide(ctx, req)
	if err != nil {
		return nil, v.fail("Decide", err)
	}
	out, err := Answer(a, res)
	if err != nil {
		return nil, v.bad("Decide", err)
	}
	return out, nil
}

// Answer reads the answer to an ask. It refuses whatever breaks the contract:
// unknown effects, references to effects that do not come earlier, bad ids,
// values and texts, and answers over 1 MiB.
func Answer(a *effect.Ask, res *pluginv1.DecideResponse) (*effect.Answer, error) {
	if n := proto.Size(res); n > effect.MaxAnswerBytes {
		return nil, fmt.Errorf("answer of %d bytes, at most %d", n, effect.MaxAnswerBytes)
	}
	if n := len(res.GetEffects()); n > effect.MaxEffects {
		return nil, fmt.Errorf("%d effects, at most %d", n, effect.MaxEffects)
	}
	d := &decoder{decision: a.Snapshot.Decision}
	out := &effect.Answer{
		Diagnostics: d.diagnostics(res.GetDiagnostics()), Need: d.need(res.GetNeed()), DependsOn: d.versions(res.GetDependsOn()),
		Effects: d.effects(res.GetEffects()), Job: d.progress(res.GetJob()),
	}
	return out, d.err
}

// Guard asks whether an act of the core may be done.
func (v *V1) Guard(ctx context.Context, a *effect.GuardAsk) (*effect.GuardAnswer, error) {
	snap, err := snapshot(a.Snapshot)
	if err != nil {
		return nil, v.bad("Guard", err)
	}
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	res, err := v.client.Guard(ctx, &pluginv1.GuardRequest{Type: a.Type, Command: a.Command, Arguments: document(a.Arguments), Snapshot: snap})
	if err != nil {
		return nil, v.fail("Guard", err)
	}
	d := &decoder{}
	out := &effect.GuardAnswer{Diagnostics: d.diagnostics(res.GetDiagnostics()), Need: d.need(res.GetNeed()), DependsOn: d.versions(res.GetDependsOn())}
	if d.err != nil {
		return nil, v.bad("Guard", d.err)
	}
	return out, nil
}

// maxView is the size of a view document (field/forms-and-views.md).
const maxView = 512 << 10

// Render asks for a view.
func (v *V1) Render(ctx context.Context, a *effect.RenderAsk) (*effect.RenderAnswer, error) {
	snap, err := snapshot(a.Snapshot)
	if err != nil {
		return nil, v.bad("Render", err)
	}
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	res, err := v.client.Render(ctx, &pluginv1.RenderRequest{
		Type: a.Type, View: a.View, Snapshot: snap, SubjectId: idText(a.Subject), Parameters: a.Parameters,
		Before: revision(a.Before), After: revision(a.After),
	})
	if err != nil {
		return nil, v.fail("Render", err)
	}
	d := &decoder{}
	out := &effect.RenderAnswer{Diagnostics: d.diagnostics(res.GetDiagnostics()), Need: d.need(res.GetNeed())}
	if res.GetView() != nil {
		out.View = d.document("view", res.GetView(), maxView).JSON
	}
	if d.err != nil {
		return nil, v.bad("Render", d.err)
	}
	return out, nil
}

// Health asks whether the module can do its work; the reason is for admins.
func (v *V1) Health(ctx context.Context) (ready bool, reason string, err error) {
	res, err := v.client.Health(ctx, &pluginv1.HealthRequest{})
	if err != nil {
		return false, "", v.fail("Health", err)
	}
	reason = res.GetReason()
	if r := []rune(reason); len(r) > 500 {
		reason = string(r[:500])
	}
	return res.GetReady(), reason, nil
}

// fail prefixes an error of the call. A process that died or closed its
// connection gives codes.Unavailable.
func (v *V1) fail(method string, err error) error {
	if status.Code(err) == codes.Unavailable {
		return fmt.Errorf("module %s: %s: %w: %v", v.id, method, ErrDied, err)
	}
	return fmt.Errorf("module %s: %s: %w", v.id, method, err)
}

// bad is an answer that breaks the contract.
func (v *V1) bad(method string, err error) error {
	return effect.BadAnswer("module %s: %s: %w", v.id, method, err)
}
