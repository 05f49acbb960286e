package main

import (
	"context"
	"net/http"

	"github.com/invochain/invochain/shared/function/httpapi"
)

func (h handler) describeAPI(context.Context, httpapi.Request) (httpapi.Response, error) {
	return httpapi.Response{Status: http.StatusOK, Body: h.openAPI}, nil
}
