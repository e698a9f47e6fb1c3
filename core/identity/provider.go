package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
)

// Identity providers (OpenID Connect, code flow with PKCE and nonce). People
// link an account at a provider on their own page, after confirming who they
// are; from then on its subject signs them in. An e-mail address that a provider
// tells links nothing: whoever runs a provider would own everybody's account.

// ProviderReturnPath + id + "/powrot" is where a provider sends people back to.
const ProviderReturnPath = "/logowanie/dostawca/"

const (
	journeyLife     = 10 * time.Minute
	journeyPurpose  = "provider journey"
	providerTimeout = 8 * time.Second
	providersPath   = "/konto/dostawcy"
)

// Provider is an identity provider of the settings.
type Provider struct {
	// ID stands in addresses; it is never to change.
	ID string
	// Name is what people know it by.
	Name                     string
	Issuer, ClientID, Secret string
}

// provider finds out about itself when it is first needed: a provider that is
// down does not keep the platform from starting.
type provider struct {
	Provider
	asking singleflight.Group
	mu     sync.Mutex
	found  *oidc.Provider
	// failure of the last discovery, which is not repeated before again.
	failure error
	again   time.Time
}

// downFor is how long a provider that did not answer is not asked again, so that
// everybody who signs in does not wait for it.
const downFor = 15 * time.Second

var providerClient = &http.Client{Timeout: providerTimeout}

// discovered returns what the provider says of itself; Unavailable when it does
// not answer, and at once when it did not a moment ago. However many ask, the
// provider is asked once, and nobody waits longer than their own request.
func (p *provider) discovered(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	found, failure := p.found, p.failure
	if failure != nil && !time.Now().Before(p.again) {
		failure = nil
	}
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	down := func(err error) error {
		return fault.Wrap(err, fault.Unavailable, "identity.provider_down", "Name", p.Name)
	}
	if failure != nil {
		return nil, down(failure)
	}
	asked := p.asking.DoChan("", func() (any, error) {
		// The context is kept for the provider's keys, so it must not end with the
		// request; the client's own deadline bounds the asking.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), providerClient), p.Issuer)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.found, p.failure, p.again = found, err, time.Now().Add(downFor)
		return found, err
	})
	select {
	case got := <-asked:
		if got.Err != nil {
			return nil, down(got.Err)
		}
		return got.Val.(*oidc.Provider), nil
	case <-ctx.Done():
		return nil, down(ctx.Err())
	}
}

func (s *Service) provider(id string) (*provider, error) {
	i := slices.IndexFunc(s.providers, func(p *provider) bool { return p.ID == id })
	if i < 0 {
		return nil, fault.ErrNotFound
	}
	return s.providers[i], nil
}

// ProviderInfo is a provider that people may choose.
type ProviderInfo struct{ ID, Name string }

// ProvidersOffered lists the providers of the settings, in their order.
func (s *Service) ProvidersOffered() []ProviderInfo {
	out := make([]ProviderInfo, len(s.providers))
	for i, p := range s.providers {
		out[i] = ProviderInfo{p.ID, p.Name}
	}
	return out
}

// journey is what the browser carries, sealed, while its owner is at a provider.
type journey struct {
	Provider string    `json:"p"`
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Person   uuid.UUID `json:"o"` // who links; nobody: signing in
	Next     string    `json:"d"`
	Ends     time.Time `json:"e"`
}

func (s *Service) oauth(p *provider, found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), Scopes: []string{oidc.ScopeOpenID},
		RedirectURL: s.Base + ProviderReturnPath + p.ID + "/powrot"}
}

// BeginProvider starts a journey to a provider: to sign in, or, with link, to
// link an account there with the actor's, who the caller has confirm who they
// are. It returns the address to go to and what the browser keeps until it is
// back; it writes nothing. NotFound for a provider that is none.
func (s *Service) BeginProvider(ctx context.Context, a *access.Actor, id string, link bool, next string) (address, kept string, err error) {
	p, err := s.provider(id)
	if err != nil {
		return "", "", err
	}
	j := journey{Provider: id, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: next, Ends: s.Now().Add(journeyLife)}
	if link {
		if err := s.bySession(a); err != nil {
			return "", "", err
		}
		j.Person = a.Person
	}
	found, err := p.discovered(ctx)
	if err != nil {
		return "", "", err
	}
	raw, err := json.Marshal(j)
	if err != nil {
		return "", "", fmt.Errorf("provider journey: %w", err)
	}
	address = s.oauth(p, found).AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier))
	return address, s.seals.sealText(raw, journeyPurpose), nil
}

// Return is what a provider sent back with a browser.
type Return struct {
	// Kept is what the browser kept of [Service.BeginProvider].
	Kept, Code, State string
	Address, Agent    string
}

// Arrived is where a journey led.
type Arrived struct {
	// Linked: the account at the provider is linked now; else SignedIn holds a
	// session, or the second step that is due.
	Linked   bool
	SignedIn SignedIn
	Next     string
}

// FinishProvider ends a journey. Invalid when it is not this browser's, is too
// old or the provider does not vouch, and when nobody linked the account there;
// Conflict when it is linked with another person's account.
func (s *Service) FinishProvider(ctx context.Context, a *access.Actor, id string, in Return) (Arrived, error) {
	p, err := s.provider(id)
	if err != nil {
		return Arrived{}, err
	}
	wrong := fault.New(fault.Invalid, "identity.provider_wrong", "Name", p.Name)
	raw, err := s.seals.openText(in.Kept, journeyPurpose)
	if err != nil {
		return Arrived{}, wrong
	}
	var j journey
	if json.Unmarshal(raw, &j) != nil || j.Provider != id || !s.Now().Before(j.Ends) || subtle.ConstantTimeCompare([]byte(j.State), []byte(in.State)) != 1 {
		return Arrived{}, wrong
	}
	token, err := s.vouched(ctx, p, &j, in.Code)
	if fault.Is(err, fault.Unavailable) {
		return Arrived{}, err
	}
	if err != nil {
		return Arrived{}, wrong
	}
	if j.Person != uuid.Nil {
		if a.Person != j.Person || !a.Recent {
			return Arrived{}, wrong
		}
		return Arrived{Linked: true, Next: j.Next}, s.linkProvider(ctx, a, p, token)
	}
	signed, err := s.signInProvider(ctx, p, token, in)
	return Arrived{SignedIn: signed, Next: j.Next}, err
}

// vouched exchanges the code and checks the provider's token: signature, issuer,
// audience, time and nonce.
func (s *Service) vouched(ctx context.Context, p *provider, j *journey, code string) (*oidc.IDToken, error) {
	found, err := p.discovered(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, providerClient)
	got, err := s.oauth(p, found).Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return nil, err
	}
	raw, ok := got.Extra("id_token").(string)
	if !ok {
		return nil, fmt.Errorf("provider %s sent no id_token", p.ID)
	}
	token, err := found.Verifier(&oidc.Config{ClientID: p.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if token.Nonce != j.Nonce || token.Subject == "" {
		return nil, fmt.Errorf("provider %s sent another nonce", p.ID)
	}
	return token, nil
}

func (s *Service) linkProvider(ctx context.Context, a *access.Actor, p *provider, token *oidc.IDToken) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := insertLinked(ctx, tx, id, a.Person, p.ID, token.Issuer, token.Subject, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "identity.provider_taken", "Name", p.Name)
		}
		if err := s.write(ctx, tx, a, "account:provider_link", a.Person, "provider"); err != nil {
			return err
		}
		return s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{a.Person}, Key: "identity.mail.provider_linked", Args: map[string]any{"Name": p.Name},
			Link: providersPath, Mail: true})
	})
}

func (s *Service) signInProvider(ctx context.Context, p *provider, token *oidc.IDToken, in Return) (SignedIn, error) {
	person, err := useLinked(ctx, s.DB, token.Issuer, token.Subject, s.Now())
	if db.IsNoRows(err) {
		return SignedIn{}, fault.New(fault.Invalid, "identity.provider_unlinked", "Name", p.Name)
	}
	if err != nil {
		return SignedIn{}, err
	}
	c, err := credentialsByID(ctx, s.DB, person)
	if err != nil {
		return SignedIn{}, db.NotFound(err)
	}
	if err := c.maySignIn(); err != nil {
		return SignedIn{}, err
	}
	if c.Two {
		return SignedIn{Step: s.sealStep(&c)}, nil
	}
	return s.enter(ctx, &c, HowProvider, neighbourhood(in.Address), in.Agent)
}

// ProviderLink is an account at a provider in the list of its owner.
type ProviderLink struct {
	ID uuid.UUID `db:"id"`
	// Provider is its id in the settings; one that was taken out of them stays
	// listed and signs nobody in.
	Provider  string     `db:"provider"`
	CreatedAt time.Time  `db:"created_at"`
	UsedAt    *time.Time `db:"used_at"`
}

// ProviderLinks lists the actor's own, the newest first, at most 50.
func (s *Service) ProviderLinks(ctx context.Context, a *access.Actor) ([]ProviderLink, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	return listLinked(ctx, s.DB, a.Person)
}

// UnlinkProvider takes a link of the actor's own away; NotFound for others. The
// caller has the actor confirm who they are.
func (s *Service) UnlinkProvider(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.bySession(a); err != nil {
		return err
	}
	return s.once(ctx, a, "account:provider_unlink", id, func(ctx context.Context, tx *db.Tx) error {
		n, err := deleteLinked(ctx, tx, a.Person, id)
		if err == nil && n == 0 {
			err = fault.ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.write(ctx, tx, a, "account:provider_unlink", a.Person, "provider")
	})
}
