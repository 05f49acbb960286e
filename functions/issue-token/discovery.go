package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
)

const (
	keySetPath   = "/.well-known/jwks.json"
	metadataPath = "/.well-known/oauth-authorization-server"
)

// keySet serves the keys that verify tokens (RFC 7517).
func (h handler) keySet(ctx context.Context, _ httpapi.Request) (httpapi.Response, error) {
	known, err := h.keys.Known(ctx)
	if err != nil {
		return httpapi.Response{}, err
	}
	return document(known.KeySet(h.now()))
}

// authorizationServer describes the token endpoint (RFC 8414, section 2).
type authorizationServer struct {
	Issuer        string   `json:"issuer"`
	TokenEndpoint string   `json:"token_endpoint"`
	KeySet        string   `json:"jwks_uri"`
	Scopes        []string `json:"scopes_supported"`
	ResponseTypes []string `json:"response_types_supported"` // none: there is no authorization endpoint
	GrantTypes    []string `json:"grant_types_supported"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
}

func (h handler) metadata(context.Context, httpapi.Request) (httpapi.Response, error) {
	var scopes []string
	for _, role := range caller.Roles() {
		scopes = append(scopes, role.Scopes()...)
	}
	slices.Sort(scopes)
	return document(authorizationServer{
		Issuer: h.issuer, TokenEndpoint: h.issuer + grantPath, KeySet: h.issuer + keySetPath,
		Scopes: slices.Compact(scopes), ResponseTypes: []string{}, GrantTypes: []string{"client_credentials"},
		Methods: []string{"client_secret_basic", "client_secret_post"},
	})
}

// document lets a client keep it for 5 minutes. A new key is published for longer than that before
// it signs, except after a withdrawal.
func document(v any) (httpapi.Response, error) {
	response, err := httpapi.JSON(http.StatusOK, v)
	response.Header = map[string]string{"Cache-Control": "public, max-age=300"}
	return response, err
}
