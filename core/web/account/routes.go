// Package account holds the pages of a person's own account: signing in and
// out, registration, the pages behind mailed links, password, sessions, API
// tokens, language, and the profile that others see.
package account

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
)

// Addresses of this room that others link to.
const (
	AccountPath   = "/konto"
	PasswordPath  = "/konto/haslo"
	SessionsPath  = "/konto/sesje"
	TokensPath    = "/konto/tokeny"
	LanguagePath  = "/konto/jezyk"
	ForgottenPath = "/haslo/reset"
	OffersPath    = identity.OffersPath
	// ProfilePath + id is what others see of a person.
	ProfilePath = "/osoby/"
)

// Deps are what the pages need.
type Deps struct {
	Identity *identity.Service
	Registry *registry.Service
	// Links lead from the account's page to settings that other rooms keep.
	Links []Link
	// Settle brings a new person into what they were invited to and returns the
	// page that they are to see, "" for none; nil where nothing invites.
	Settle func(ctx context.Context, person uuid.UUID) (string, error)
}

// Link is a page of another room: the catalogue key of its name, and its path.
type Link struct{ Key, Path string }

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return append(slices.Concat(p.secondRoutes(), p.emailRoutes(), p.passkeyRoutes(), p.providerRoutes(), p.mergeRoutes()), []kit.Route{
		kit.Get(kit.SignInPath, identity.PermSignIn, p.signIn),
		kit.Post(kit.SignInPath, identity.PermSignIn, "openSession", p.doSignIn),
		kit.Post(kit.SignOutPath, kit.Public, "closeSession", p.signOut),

		kit.Get(kit.RegisterPath, identity.PermRegister, p.register),
		kit.Post(kit.RegisterPath, identity.PermRegister, "register", p.doRegister),
		kit.Get(kit.RegisterPath+"/wyslano", identity.PermRegister, p.registered),
		kit.Get(identity.ConfirmPath+":token", identity.PermRegister, p.confirm),
		kit.Post(identity.ConfirmPath+":token", identity.PermRegister, "confirmRegistration", p.doConfirm),
		kit.Get(kit.RegisterPath+"/gotowe", identity.PermRegister, p.confirmed),

		kit.Get(ForgottenPath, identity.PermSignIn, p.forgotten),
		kit.Post(ForgottenPath, identity.PermSignIn, "requestPasswordReset", p.doForgotten),
		kit.Get(ForgottenPath+"/wyslano", identity.PermSignIn, p.forgottenSent),
		kit.Get(identity.ResetPath+":token", identity.PermSignIn, p.reset),
		kit.Post(identity.ResetPath+":token", identity.PermSignIn, "resetPassword", p.doReset),
		kit.Get(identity.InvitationPath+":token", identity.PermSignIn, p.invitation),
		kit.Post(identity.InvitationPath+":token", identity.PermSignIn, "acceptInvitation", p.acceptInvitation),
		kit.Get(acceptedPath, identity.PermSignIn, p.accepted),

		kit.Get(AccountPath, identity.PermSelf, p.account),
		kit.Get(AccountPath+"/profil", identity.PermSelf, p.profileForm),
		kit.Post(AccountPath+"/profil", identity.PermSelf, "updateProfile", p.updateProfile),
		kit.Get(PasswordPath, identity.PermSelf, p.password),
		kit.Post(PasswordPath, identity.PermSelf, "changePassword", p.changePassword).WithSecrets(),
		kit.Get(SessionsPath, identity.PermSelf, p.sessions),
		kit.Post(SessionsPath+"/:id/zakoncz", identity.PermSelf, "endSession", p.endSession),
		kit.Post(SessionsPath+"/zakoncz-inne", identity.PermSelf, "endOtherSessions", p.endOtherSessions),
		kit.Get(TokensPath, identity.PermSelf, p.tokens),
		kit.Post(TokensPath, identity.PermSelf, "createToken", p.createToken).WithReauth(),
		kit.Post(TokensPath+"/:id/uniewaznij", identity.PermSelf, "revokeToken", p.revokeToken),
		kit.Get(LanguagePath, identity.PermSelf, p.language),
		kit.Post(LanguagePath, identity.PermSelf, "setLanguage", p.setLanguage),
		kit.Get(identity.OffersPath, identity.PermSelf, p.offers),
		kit.Post(identity.OffersPath+"/:id", identity.PermSelf, "answerOwnInvitation", p.answerOffer),
		kit.Get(ProfilePath+":id", identity.PermProfile, p.profile),
	}...)
}
