package sdk

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Serve runs the module until the platform ends the process. It is the whole
// of a module's main.
func Serve(m Describer) {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: Handshake,
		Plugins:         plugin.PluginSet{PluginName: &Plugin{Module: m}},
		Logger:          hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts,
				grpc.MaxRecvMsgSize(MaxMessage),
				grpc.MaxSendMsgSize(MaxMessage),
				grpc.UnaryInterceptor(survive))...)
		},
	})
}

// Plugin joins the module to go-plugin. The platform's side uses it as well:
// GRPCClient gives a [Client].
type Plugin struct {
	plugin.NetRPCUnsupportedPlugin
	// Module is the module served; nil on the platform's side.
	Module Describer
}

var _ plugin.GRPCPlugin = (*Plugin)(nil)

// Client is what the platform calls.
type Client struct {
	Module v1.ModuleClient
	Tool   v1.EvaluationToolClient
	// Conn is the connection, for health checks and tests.
	Conn *grpc.ClientConn
}

// GRPCServer registers the services.
func (p *Plugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	v1.RegisterModuleServer(s, NewServer(p.Module))
	if t, ok := p.Module.(Tool); ok {
		v1.RegisterEvaluationToolServer(s, t)
	}
	return nil
}

// GRPCClient returns a *Client.
func (p *Plugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return &Client{Module: v1.NewModuleClient(c), Tool: v1.NewEvaluationToolClient(c), Conn: c}, nil
}

// survive turns a panic of the author's code into an error of that one call.
func survive(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if p := recover(); p != nil {
			call := callName(info.FullMethod, req)
			fmt.Fprintf(os.Stderr, "panic in %s: %v\n%s", call, p, debug.Stack())
			err = status.Errorf(codes.Internal, "panic in %s: %v", call, p)
		}
	}()
	return next(ctx, req)
}

// callName says which call it was, for logs and the administrators' page:
// "Decide command plan of network", "Render home of network".
func callName(method string, req any) string {
	name := method[strings.LastIndexByte(method, '/')+1:]
	switch in := req.(type) {
	case *v1.DecideRequest:
		return name + " " + inputName(in) + " of " + in.GetType()
	case *v1.RenderRequest:
		return name + " " + in.GetView() + " of " + in.GetType()
	case *v1.GuardRequest:
		return name + " " + in.GetCommand() + " of " + in.GetType()
	}
	return name
}

func inputName(in *v1.DecideRequest) string {
	switch x := in.GetInput().(type) {
	case *v1.DecideRequest_Command:
		return "command " + x.Command.GetName()
	case *v1.DecideRequest_Event:
		return "event " + x.Event.GetName()
	case *v1.DecideRequest_Timer:
		return "timer " + x.Timer.GetName()
	case *v1.DecideRequest_Job:
		return "job " + x.Job.GetName()
	}
	return "nothing"
}

// NewServer wraps a module as the contract's service; Serve and sdktest use it.
func NewServer(m Describer) v1.ModuleServer { return &server{m: m} }

type server struct {
	v1.UnimplementedModuleServer
	m Describer
}

func (s *server) Describe(context.Context, *v1.DescribeRequest) (*v1.DescribeResponse, error) {
	d := s.m.Describe()
	if d.GetContractRevision() == 0 {
		d.ContractRevision = ContractRevision
	}
	return d, nil
}

func (s *server) Decide(ctx context.Context, in *v1.DecideRequest) (*v1.DecideResponse, error) {
	d, ok := s.m.(Decider)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "the module decides nothing")
	}
	a, err := d.Decide(ctx, newRequest(in))
	if err != nil {
		return nil, asStatus(err)
	}
	return a.response(), nil
}

func (s *server) Guard(ctx context.Context, in *v1.GuardRequest) (*v1.GuardResponse, error) {
	g, ok := s.m.(Guard)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "the module guards nothing")
	}
	v, err := g.Guard(ctx, &GuardRequest{GuardRequest: in, Snapshot: Snapshot{in.GetSnapshot()}})
	if err != nil {
		return nil, asStatus(err)
	}
	return v.response(), nil
}

func (s *server) Render(ctx context.Context, in *v1.RenderRequest) (*v1.RenderResponse, error) {
	r, ok := s.m.(Viewer)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "the module shows nothing")
	}
	p, err := r.Render(ctx, &ViewRequest{RenderRequest: in, Snapshot: Snapshot{in.GetSnapshot()}})
	if err != nil {
		return nil, asStatus(err)
	}
	return p.response()
}

func (s *server) Health(ctx context.Context, _ *v1.HealthRequest) (*v1.HealthResponse, error) {
	h, ok := s.m.(Healther)
	if !ok {
		return &v1.HealthResponse{Ready: true}, nil
	}
	ready, reason := h.Health(ctx)
	return &v1.HealthResponse{Ready: ready, Reason: reason}, nil
}

// asStatus keeps a gRPC status and makes anything else INTERNAL.
func asStatus(err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.Error(codes.Internal, err.Error())
}

// Unknown is the error for a type, command or view that the module has not.
func Unknown(what, name string) error {
	return status.Errorf(codes.InvalidArgument, "unknown %s %q", what, name)
}
