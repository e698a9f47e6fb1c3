package kit_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	webkit "ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/policies"
)

// wishIn and wishOut are the wire of one operation: huma reads path, query and
// header tags and Body; limits belong into tags, so that the document has them.
type (
	wishIn struct {
		Body struct {
			Text string `json:"text" minLength:"3" maxLength:"200" doc:"What is wished for."`
		}
	}
	wishOut struct {
		Body struct {
			Text string `json:"text"`
		}
	}
)

// registerWishes is a room of operations: each calls one service method and
// returns its error as it is.
func registerWishes(a *kit.API) {
	kit.Register(a, kit.Op{ID: "addWish", Method: http.MethodPost, Path: "/wishes", Perm: webkit.SignedIn,
		Summary: "Adds a wish.", Status: http.StatusCreated},
		func(_ context.Context, in *wishIn) (*wishOut, error) {
			if in.Body.Text == "gwiazdka z nieba" {
				return nil, fault.New(fault.Conflict, "fault.conflict")
			}
			out := &wishOut{}
			out.Body.Text = in.Body.Text
			return out, nil
		})
}

func Example() {
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		panic(err)
	}
	s, err := webkit.New(webkit.Config{BaseURL: "http://localhost:8080", Authorizer: auth, Authenticator: people{},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		panic(err)
	}
	registerWishes(kit.New(s, auth))
	for _, body := range []string{`{"text":"więcej światła"}`, `{"text":"x"}`, `{"text":"gwiazdka z nieba"}`} {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/wishes", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer klucz")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 201 application/json
	// 422 application/problem+json
	// 409 application/problem+json
}
